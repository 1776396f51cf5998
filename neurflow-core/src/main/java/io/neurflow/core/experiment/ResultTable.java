package io.neurflow.core.experiment;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table of text and numbers. Text for people has numbers of three decimals; CSV has them whole.
 *
 * @param columns names
 * @param rows cells of {@link String}, {@link Integer}, {@link Long} or {@link Double}; NaN where there is no value
 */
public record ResultTable(ImmutableList<String> columns, ImmutableList<ImmutableList<Object>> rows) {
    /** Checks that all rows are as long as the first line. */
    public ResultTable {
        for (ImmutableList<Object> row : rows) {
            checkArgument(
                    row.size() == columns.size(),
                    "expected %s cells in each row, as many as there are columns, but one has %s",
                    columns.size(),
                    row.size());
        }
    }

    /**
     * Begins a table.
     *
     * @param columns names
     * @return its builder
     */
    static Builder of(String... columns) {
        return new Builder(ImmutableList.copyOf(columns));
    }

    /** Takes rows one by one. */
    static final class Builder {
        private final ImmutableList<String> columns;
        private final ImmutableList.Builder<ImmutableList<Object>> rows = ImmutableList.builder();

        private Builder(ImmutableList<String> columns) {
            this.columns = columns;
        }

        Builder row(Object... cells) {
            rows.add(ImmutableList.copyOf(cells));
            return this;
        }

        ResultTable build() {
            return new ResultTable(columns, rows.build());
        }
    }

    /**
     * The table for a document.
     *
     * @return Markdown; numbers to the right, a dash where there is no value
     */
    public String markdown() {
        StringBuilder text = new StringBuilder();
        text.append("| ").append(String.join(" | ", columns)).append(" |\n|");
        for (int c = 0; c < columns.size(); c++) {
            text.append(isNumeric(c) ? "---:|" : "---|");
        }
        text.append('\n');
        for (ImmutableList<Object> row : rows) {
            text.append("| ")
                    .append(row.stream()
                            .map(cell -> shown(cell).replace("|", "\\|"))
                            .collect(Collectors.joining(" | ")))
                    .append(" |\n");
        }
        return text.toString();
    }

    private boolean isNumeric(int column) {
        return rows.stream().allMatch(row -> row.get(column) instanceof Number);
    }

    private static String shown(Object cell) {
        if (cell instanceof Double value) {
            if (Double.isNaN(value)) {
                return "-";
            }
            boolean tiny = value != 0 && Math.abs(value) < 0.0005;
            return String.format(Locale.ROOT, tiny ? "%.1e" : "%.3f", value);
        }
        return cell.toString();
    }

    /**
     * The table for a program.
     *
     * @return comma-separated values (RFC 4180) with a line of names; empty where there is no value
     */
    public String csv() {
        StringBuilder text = new StringBuilder(line(columns));
        rows.forEach(row -> text.append(line(row)));
        return text.toString();
    }

    private static String line(List<?> cells) {
        return cells.stream().map(ResultTable::quoted).collect(Collectors.joining(",")) + "\n";
    }

    private static String quoted(Object cell) {
        if (cell instanceof Double value && Double.isNaN(value)) {
            return "";
        }
        String text = cell.toString();
        boolean special = text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return special ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }

    /** The table for a terminal: columns in line. */
    @Override
    public String toString() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns);
        rows.forEach(row -> lines.add(row.stream().map(ResultTable::shown).toList()));
        int[] widths = IntStream.range(0, columns.size())
                .map(c -> lines.stream()
                        .mapToInt(line -> line.get(c).length())
                        .max()
                        .orElse(0))
                .toArray();
        return lines.stream()
                .map(line -> IntStream.range(0, widths.length)
                        .mapToObj(c -> isNumeric(c)
                                ? " ".repeat(widths[c] - line.get(c).length()) + line.get(c)
                                : line.get(c)
                                        + " ".repeat(widths[c] - line.get(c).length()))
                        .collect(Collectors.joining("  "))
                        .stripTrailing())
                .collect(Collectors.joining("\n"));
    }
}
