package io.neurflow.core.onnx;

import com.google.common.primitives.ImmutableLongArray;
import io.neurflow.api.NeurflowException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads the wire format of protocol buffers, field by field. Every length is checked against the bytes that are there
 * before anything is allocated; bytes are handed on as views, not copies.
 */
final class Wire {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;
    private static final int LONGEST_NAME = 1 << 13;

    private final String file;
    private final byte[] bytes;
    private final int end;
    private int at;
    private int field;
    private int type;

    Wire(String file, byte[] bytes) {
        this(file, bytes, 0, bytes.length);
    }

    private Wire(String file, byte[] bytes, int at, int end) {
        this.file = file;
        this.bytes = bytes;
        this.at = at;
        this.end = end;
    }

    /** Moves on to the next field; false at the end of the message. */
    boolean next() {
        if (at == end) {
            return false;
        }
        long key = varint();
        type = (int) (key & 7);
        field = (int) (key >>> 3);
        if (key >>> 32 != 0 || field == 0) {
            throw malformed("byte " + at + " ends no key of a field", "a field number from 1 to 536870911");
        }
        return true;
    }

    int field() {
        return field;
    }

    long integer() {
        expect(VARINT);
        return varint();
    }

    float real() {
        expect(FIXED32);
        return take(4).getFloat();
    }

    /** A name; characters that could play tricks on a terminal or a page are replaced. */
    String string() {
        return string(LONGEST_NAME);
    }

    String string(int most) {
        ByteBuffer text = data();
        if (text.remaining() > most) {
            throw malformed("a text has " + text.remaining() + " bytes", "at most " + most);
        }
        return printable(new String(bytes, text.arrayOffset(), text.remaining(), StandardCharsets.UTF_8));
    }

    private static String printable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isUnprintable(text.charAt(i))) {
                StringBuilder clean = new StringBuilder(text);
                for (int j = i; j < clean.length(); j++) {
                    if (isUnprintable(clean.charAt(j))) {
                        clean.setCharAt(j, '\uFFFD');
                    }
                }
                return clean.toString();
            }
        }
        return text;
    }

    /** Control characters, line and paragraph separators, and those that turn the direction of what follows. */
    private static boolean isUnprintable(char c) {
        return Character.isISOControl(c) || (c >= '\u2028' && c <= '\u202E') || (c >= '\u2066' && c <= '\u2069');
    }

    /** Refuses more parts than any model has, so that a file of empty messages does not become a large graph. */
    void atMost(int count, int most, String what) {
        if (count > most) {
            throw malformed("it has more than " + most + " " + what, "fewer");
        }
    }

    /** The bytes of a length-delimited field, little endian. */
    ByteBuffer data() {
        expect(BYTES);
        long length = varint();
        require(length);
        return take((int) length);
    }

    Wire message() {
        ByteBuffer inner = data();
        return new Wire(file, bytes, inner.arrayOffset(), inner.arrayOffset() + inner.remaining());
    }

    /** Adds the values of a repeated integer field, packed or not. */
    void integers(ImmutableLongArray.Builder values) {
        if (type == VARINT) {
            values.add(varint());
            return;
        }
        for (Wire packed = message(); packed.at < packed.end; ) {
            values.add(packed.varint());
        }
    }

    /** Adds the bytes of a repeated field of fixed width, packed or not, to what came before. */
    void fixed(ByteArrayOutputStream values, int width) {
        int single = width == 4 ? FIXED32 : FIXED64;
        ByteBuffer more = type == single ? take(width) : data();
        values.write(bytes, more.arrayOffset(), more.remaining());
    }

    void skip() {
        switch (type) {
            case VARINT -> varint();
            case FIXED64 -> take(8);
            case BYTES -> data();
            case FIXED32 -> take(4);
            default -> throw malformed("field " + field + " has wire type " + type, "0, 1, 2 or 5");
        }
    }

    private ByteBuffer take(int length) {
        require(length);
        ByteBuffer taken = ByteBuffer.wrap(bytes, at, length).slice().order(ByteOrder.LITTLE_ENDIAN);
        at += length;
        return taken;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            require(1);
            byte next = bytes[at++];
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("the number that ends at byte " + at + " is too long", "at most 10 bytes");
    }

    private void require(long length) {
        if (length < 0 || length > end - at) {
            throw malformed(
                    end == bytes.length ? "it ends after " + end + " bytes" : "a field ends at byte " + end,
                    Long.toUnsignedString(length) + " more after byte " + at);
        }
    }

    private void expect(int wanted) {
        if (type != wanted) {
            throw malformed("field " + field + " before byte " + at + " has wire type " + type, "wire type " + wanted);
        }
    }

    NeurflowException malformed(String came, String expected) {
        return new NeurflowException(file + " is not an ONNX model: " + came + ", expected " + expected
                + "; copy the file again, or export the model again");
    }
}
