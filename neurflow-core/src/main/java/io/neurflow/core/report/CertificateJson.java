package io.neurflow.core.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.neurflow.api.CircuitCertificate;
import io.neurflow.api.CircuitCertificate.Ablated;
import java.io.IOException;

/** The field {@code certificate} of version 2. What has no value is null. */
final class CertificateJson {
    static final String FIELD = "certificate";

    private static final ImmutableSet<String> FIELDS = ImmutableSet.of(
            "better_than_random",
            "alpha",
            "images",
            "neurons",
            "channels",
            "ablations",
            "equivalence_p",
            "independence_p",
            "needless",
            "audited_edges",
            "r_squared",
            "sign_agreement",
            "slope",
            "reselected",
            "lines");
    private static final ImmutableSet<String> ABLATED =
            ImmutableSet.of("ablation", "keep", "remove", "p", "cpr", "cmd");

    private CertificateJson() {}

    static void write(CircuitCertificate certificate, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart(FIELD);
        json.writeBooleanField("better_than_random", certificate.betterThanRandom());
        json.writeNumberField("alpha", certificate.alpha());
        json.writeNumberField("images", certificate.images());
        json.writeNumberField("neurons", certificate.neurons());
        json.writeNumberField("channels", certificate.channels());
        json.writeArrayFieldStart("ablations");
        for (Ablated ablated : certificate.ablations()) {
            json.writeStartObject();
            json.writeStringField("ablation", ablated.ablation());
            number("keep", ablated.keep(), json);
            number("remove", ablated.remove(), json);
            json.writeNumberField("p", ablated.p());
            number("cpr", ablated.cpr(), json);
            number("cmd", ablated.cmd(), json);
            json.writeEndObject();
        }
        json.writeEndArray();
        number("equivalence_p", certificate.equivalenceP(), json);
        number("independence_p", certificate.independenceP(), json);
        json.writeNumberField("needless", certificate.needless());
        json.writeNumberField("audited_edges", certificate.edges());
        number("r_squared", certificate.rSquared(), json);
        number("sign_agreement", certificate.signAgreement(), json);
        number("slope", certificate.slope(), json);
        number("reselected", certificate.reselected(), json);
        json.writeArrayFieldStart("lines");
        for (String line : certificate.lines()) {
            json.writeString(line);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void number(String name, double value, JsonGenerator json) throws IOException {
        if (Double.isNaN(value)) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value);
        }
    }

    static CircuitCertificate read(JsonPlace place) {
        place.only(FIELDS);
        CircuitCertificate certificate = place.make(() -> new CircuitCertificate(
                place.field("alpha").number(),
                place.field("images").integer(),
                place.field("neurons").integer(),
                place.field("channels").integer(),
                ImmutableList.copyOf(place.field("ablations").map(CertificateJson::ablated)),
                number(place.field("equivalence_p")),
                number(place.field("independence_p")),
                place.field("needless").integer(),
                place.field("audited_edges").integer(),
                number(place.field("r_squared")),
                number(place.field("sign_agreement")),
                number(place.field("slope")),
                number(place.field("reselected")),
                ImmutableList.copyOf(place.field("lines").map(JsonPlace::text))));
        JsonPlace verdict = place.field("better_than_random");
        boolean expected = certificate.betterThanRandom();
        if (!verdict.node().isBoolean() || verdict.node().booleanValue() != expected) {
            throw verdict.expected(expected + ", as p of the first ablation and alpha say");
        }
        return certificate;
    }

    private static Ablated ablated(JsonPlace place) {
        place.only(ABLATED);
        return place.make(() -> new Ablated(
                place.field("ablation").text(),
                number(place.field("keep")),
                number(place.field("remove")),
                place.field("p").number(),
                number(place.field("cpr")),
                number(place.field("cmd"))));
    }

    private static double number(JsonPlace place) {
        return place.isNull() ? Double.NaN : place.number();
    }
}
