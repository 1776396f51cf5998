package io.neurflow.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTableTest {
    private static final ResultTable TABLE = ResultTable.of("layer", "n", "value")
            .row("a, \"b\"\nc|d", 3, 0.123456789012345)
            .row("plain", 4, Double.NaN)
            .row("tiny", 50, -1.25e-7)
            .build();

    @Test
    void csvReadsBackAsWhatWasWritten() {
        List<List<String>> read = parse(TABLE.csv());
        assertThat(read.get(0)).isEqualTo(TABLE.columns());
        assertThat(read.get(1)).containsExactly("a, \"b\"\nc|d", "3", "0.123456789012345");
        assertThat(Double.parseDouble(read.get(1).get(2))).isEqualTo(0.123456789012345);
        assertThat(read.get(2)).containsExactly("plain", "4", "");
        assertThat(Double.parseDouble(read.get(3).get(2))).isEqualTo(-1.25e-7);
        assertThat(read).hasSize(4);
    }

    @Test
    void markdownHasNumbersToTheRightAndADashForNoValue() {
        assertThat(TABLE.markdown())
                .startsWith("| layer | n | value |\n|---|---:|---:|\n")
                .contains("c\\|d", "| plain | 4 | - |", "| tiny | 50 | -1.3e-07 |", "| 3 | 0.123 |");
    }

    @Test
    void textPutsColumnsInLine() {
        assertThat(ResultTable.of("layer", "n")
                        .row("block", 3)
                        .row("b", 14)
                        .build()
                        .toString())
                .isEqualTo("layer   n\nblock   3\nb      14");
    }

    @Test
    void aRowOfAnotherLengthIsRefused() {
        assertThatThrownBy(() -> ResultTable.of("a", "b").row(1).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected 2 cells");
    }

    /** RFC 4180, character by character. */
    static List<List<String>> parse(String csv) {
        List<List<String>> lines = new ArrayList<>();
        List<String> line = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < csv.length(); i++) {
            char c = csv.charAt(i);
            if (quoted && c == '"' && i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
                cell.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == ',' || c == '\n')) {
                line.add(cell.toString());
                cell.setLength(0);
                if (c == '\n') {
                    lines.add(line);
                    line = new ArrayList<>();
                }
            } else {
                cell.append(c);
            }
        }
        return lines;
    }
}
