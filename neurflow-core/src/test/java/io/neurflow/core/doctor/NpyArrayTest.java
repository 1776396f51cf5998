package io.neurflow.core.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableIntArray;
import io.neurflow.api.NeurflowException;
import io.neurflow.core.golden.GoldenCase;
import io.neurflow.core.golden.Npy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyArrayTest {
    @Test
    void whatNumPyWroteIsRead() {
        Path file = GoldenCase.tiny("tiny-paper").folder().resolve("importance_fc_4_riemann_right.npy");
        NpyArray array = NpyArray.read(file);
        Npy twin = Npy.read(file);
        assertThat(array.shape().toArray()).isEqualTo(twin.shape());
        for (int i = 0; i < array.size(); i++) {
            assertThat(array.at(i)).isEqualTo((float) twin.values()[i]);
        }
    }

    @Test
    void aHeaderThatPromisesMoreThanThereIsIsRefused(@TempDir Path folder) throws IOException {
        byte[] good = NpyBytes.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Path file = folder.resolve("a.npy");
        Files.write(file, good);
        assertThat(NpyArray.read(file).shape()).isEqualTo(ImmutableIntArray.of(2, 3));
        String text = new String(good, StandardCharsets.ISO_8859_1);
        for (String bad : new String[] {
            text.replace("(2, 3,)", "(9, 3,)"),
            text.replace("(2, 3,), }    ", "(999999999, 3,), }").substring(0, text.length()),
            text.replace("False", "True "),
            text.replace("<f4", "<i4"),
            text.replace("NUMPY", "numpy"),
            text.substring(0, text.length() - 1),
            text.substring(0, 9),
            ""
        }) {
            Files.write(file, bad.getBytes(StandardCharsets.ISO_8859_1));
            assertThatThrownBy(() -> NpyArray.read(file))
                    .as(bad)
                    .isInstanceOf(NeurflowException.class)
                    .hasMessageContaining("a.npy is not an array that can be read");
        }
        assertThat(Arrays.equals(good, NpyBytes.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)))
                .isTrue();
    }
}
