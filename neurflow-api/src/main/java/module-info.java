/** The vocabulary of concept circuits, the probe SPI and the contract test kit. */
module io.neurflow.api {
    requires transitive com.google.common;
    requires static transitive org.jspecify;
    requires static org.junit.jupiter.api;

    exports io.neurflow.api;
    exports io.neurflow.testkit;
}
