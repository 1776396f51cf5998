package io.neurflow.cuda;

/**
 * What the kernels do, one thread for each number i of 0..n-1, in CUDA C. {@code VALUE} and {@code SLOPE} are the function
 * that is fused in, and its derivative; without one they are the identity and 1, and {@code GATED} is 0. Values lie as
 * [item, channel, row, column]; {@code P} is the number of positions of a channel, {@code E} that of all values of an item.
 *
 * <p>Ways back work on items that stand for pairs of a target and a patch, S steps each: item b belongs to pair b / S, and
 * reads what the forward pass left at row {@code map[b / S] * S + b % S}. A gradient of one channel only is kept as [item,
 * position], with the channel in {@code chan[b / S]}.
 *
 * <p>Everything is gathered, nothing scattered: no atomics, so that sums come out the same every time.
 */
enum Kind {
    BIAS("float* y, const float* b, int C, int P", "y[i] = VALUE(y[i] + b[i / P % C]);"),
    AFFINE(
            "float* y, const float* x, const float* s, const float* t, int C, int P",
            "int c = C == 1 ? 0 : i / P % C; y[i] = VALUE(x[i] * s[c] + t[c]);"),
    FUNCTION("float* y, const float* x", "y[i] = VALUE(x[i]);"),
    ADD("float* y, const float* a, const float* b", "y[i] = VALUE(a[i] + b[i]);"),
    /** The extents of a and b are those of y, or 1. */
    MUL(
            "float* y, const float* a, const float* b, int C, int H, int W, int AC, int AH, int AW, int BC, int BH, int BW",
            """
            int w = i % W; int h = i / W % H; int c = i / (W * H) % C; int item = i / (W * H * C);
            int p = ((item * AC + (AC == 1 ? 0 : c)) * AH + (AH == 1 ? 0 : h)) * AW + (AW == 1 ? 0 : w);
            int q = ((item * BC + (BC == 1 ? 0 : c)) * BH + (BH == 1 ? 0 : h)) * BW + (BW == 1 ? 0 : w);
            y[i] = a[p] * b[q];"""),
    /** For a thread of a factor: where its extent is 1, the sum over all that it was multiplied with. */
    MUL_BACK(
            "float* ga, const float* g, const float* b, const int* map, int S, int C, int H, int W, int AC, int AH, int AW,"
                    + " int BC, int BH, int BW",
            """
            int aw = i % AW; int ah = i / AW % AH; int ac = i / (AW * AH) % AC; int item = i / (AW * AH * AC);
            int row = map[item / S] * S + item % S;
            float sum = 0.0f;
            for (int c = AC == 1 ? 0 : ac; c < (AC == 1 ? C : ac + 1); c++) {
              for (int h = AH == 1 ? 0 : ah; h < (AH == 1 ? H : ah + 1); h++) {
                for (int w = AW == 1 ? 0 : aw; w < (AW == 1 ? W : aw + 1); w++) {
                  int q = ((row * BC + (BC == 1 ? 0 : c)) * BH + (BH == 1 ? 0 : h)) * BW + (BW == 1 ? 0 : w);
                  sum += g[((item * C + c) * H + h) * W + w] * b[q];
                }
              }
            }
            ga[i] = sum;"""),
    /** Also notes where in the plane each maximum stands; of equal ones the first, and not-a-number wins. */
    MAX(
            "float* y, int* arg, const float* x, " + Windows.PARAMETERS,
            """
            int ox = i % OW; int oy = i / OW % OH; const float* plane = x + i / (OW * OH) * (H * W);
            int best = -1; float top = (float) -(1e300 * 1e300);
            for (int ky = 0; ky < KH; ky++) {
              for (int kx = 0; kx < KW; kx++) {
                int r = oy * SY - PT + ky * DY; int c = ox * SX - PL + kx * DX;
                if (r >= 0 && r < H && c >= 0 && c < W) {
                  float v = plane[r * W + c];
                  if (best < 0 || v > top || v != v) { best = r * W + c; top = v; }
                }
              }
            }
            y[i] = top; arg[i] = best;"""),
    MAX_BACK(
            "float* gx, const float* g, const int* arg, const int* map, int S, " + Windows.PARAMETERS,
            """
            int place = i % (H * W); int plane = i / (H * W); int item = plane / C;
            int other = (map[item / S] * S + item % S) * C + plane % C;
            int r = place / W + PT; int c = place % W + PL;
            float sum = 0.0f;
            int y0 = r - (KH - 1) * DY; int x0 = c - (KW - 1) * DX;
            for (int oy = y0 <= 0 ? 0 : (y0 + SY - 1) / SY; oy < OH && oy * SY <= r; oy++) {
              for (int ox = x0 <= 0 ? 0 : (x0 + SX - 1) / SX; ox < OW && ox * SX <= c; ox++) {
                if (arg[(other * OH + oy) * OW + ox] == place) { sum += g[(plane * OH + oy) * OW + ox]; }
              }
            }
            gx[i] = sum;"""),
    MEAN(
            "float* y, const float* x, " + Windows.PARAMETERS + Windows.CELLS,
            """
            int ox = i % OW; int oy = i / OW % OH; const float* plane = x + i / (OW * OH) * (H * W);
            int top = oy * SY - PT; int left = ox * SX - PL;
            float sum = 0.0f;
            for (int r = top < 0 ? 0 : top; r < top + KH && r < H; r++) {
              for (int c = left < 0 ? 0 : left; c < left + KW && c < W; c++) { sum += plane[r * W + c]; }
            }
            """
                    + Windows.COUNT
                    + "y[i] = sum / cells;"),
    MEAN_BACK(
            "float* gx, const float* g, " + Windows.PARAMETERS + Windows.CELLS,
            """
            int place = i % (H * W); int plane = i / (H * W); int r = place / W + PT; int c = place % W + PL;
            float all = 0.0f;
            int y0 = r - (KH - 1); int x0 = c - (KW - 1);
            for (int oy = y0 <= 0 ? 0 : (y0 + SY - 1) / SY; oy < OH && oy * SY <= r; oy++) {
              for (int ox = x0 <= 0 ? 0 : (x0 + SX - 1) / SX; ox < OW && ox * SX <= c; ox++) {
                int top = oy * SY - PT; int left = ox * SX - PL;
            """
                    + Windows.COUNT
                    + """
                all += g[(plane * OH + oy) * OW + ox] / cells;
              }
            }
            gx[i] = all;"""),
    /** E values of each item, from one stride and offset to another. */
    COPY(
            "float* y, const float* x, int E, int TO, int TOAT, int FROM, int FROMAT",
            "y[i / E * TO + TOAT + i % E] = x[i / E * FROM + FROMAT + i % E];"),
    /** A frame around each plane; with negative PT and PL it is cut off again. */
    PAD(
            "float* y, const float* x, int H, int W, int OH, int OW, int PT, int PL, float fill",
            """
            int c = i % OW - PL; int r = i / OW % OH - PT;
            y[i] = r >= 0 && r < H && c >= 0 && c < W ? x[(i / (OW * OH) * H + r) * W + c] : fill;"""),
    SELECT(
            "float* y, const float* x, const int* index, int C, int OC, int P",
            "y[i] = x[(i / (OC * P) * C + index[i / P % OC]) * P + i % P];"),
    SELECT_BACK(
            "float* gx, const float* g, const int* index, int C, int OC, int P",
            """
            int c = i / P % C; int item = i / (C * P); float sum = 0.0f;
            for (int o = 0; o < OC; o++) { if (index[o] == c) { sum += g[(item * OC + o) * P + i % P]; } }
            gx[i] = sum;"""),
    /** LO channels down and HI up make the window. */
    LRN(
            "float* y, const float* x, int C, int P, int LO, int HI, float scale, float beta, float k",
            """
            int c = i / P % C; float sum = 0.0f;
            for (int o = c - LO; o <= c + HI; o++) {
              if (o >= 0 && o < C) { float v = x[i + (o - c) * P]; sum += v * v; }
            }
            y[i] = x[i] * powf(k + scale * sum, -beta);"""),
    /** Each window that has channel c in it takes its share of x[c]. */
    LRN_BACK(
            "float* gx, const float* g, const float* x, const int* map, int S, int C, int P, int LO, int HI, float scale,"
                    + " float beta, float k",
            """
            int c = i / P % C; int item = i / (C * P); int row = map[item / S] * S + item % S;
            const float* column = x + row * C * P + i % P; const float* gradient = g + item * C * P + i % P;
            float own = 0.0f; float others = 0.0f;
            for (int o = c - HI; o <= c + LO; o++) {
              if (o >= 0 && o < C) {
                float sum = 0.0f;
                for (int m = o - LO; m <= o + HI; m++) {
                  if (m >= 0 && m < C) { sum += column[m * P] * column[m * P]; }
                }
                float base = k + scale * sum; float power = powf(base, -beta);
                if (o == c) { own = power; }
                others += gradient[o * P] * column[o * P] * power / base;
              }
            }
            gx[i] = g[i] * own - 2.0f * beta * scale * column[c * P] * others;"""),
    /** A thread for each item. */
    SOFTMAX(
            "float* y, const float* x, int C",
            """
            float top = x[i * C]; float sum = 0.0f;
            for (int c = 1; c < C; c++) { top = x[i * C + c] > top ? x[i * C + c] : top; }
            for (int c = 0; c < C; c++) { float e = expf(x[i * C + c] - top); y[i * C + c] = e; sum += e; }
            for (int c = 0; c < C; c++) { y[i * C + c] = y[i * C + c] / sum; }"""),
    /** A thread for each item. */
    SOFTMAX_BACK(
            "float* gx, const float* g, const float* y, const int* map, int S, int C",
            """
            const float* row = y + (map[i / S] * S + i % S) * C; float mean = 0.0f;
            for (int c = 0; c < C; c++) { mean += row[c] * g[i * C + c]; }
            for (int c = 0; c < C; c++) { gx[i * C + c] = row[c] * (g[i * C + c] - mean); }"""),
    /** Affine values along the ray of each patch: from those at 0 to those at x. */
    RAY(
            "float* y, const float* zero, const float* end, const float* alpha, int S, int E",
            """
            int e = i % E; int row = i / E; float z = zero[e];
            y[i] = VALUE(z + alpha[row % S] * (end[row / S * E + e] - z));"""),
    GATE(
            "float* gx, const float* g, const float* x, const int* map, int S, int E",
            "int item = i / E; gx[i] = g[i] * SLOPE(x[(map[item / S] * S + item % S) * E + i % E]);"),
    SCALE("float* gx, const float* g, const float* s, int C, int P", "gx[i] = g[i] * s[C == 1 ? 0 : i / P % C];"),
    SUM("float* y, const float* x", "y[i] += x[i];"),
    FILL("float* y, float v", "y[i] = v;"),
    /** One channel becomes all channels, the others 0. */
    EXPAND(
            "float* gx, const float* g, const int* chan, int S, int C, int P",
            "int item = i / (C * P); gx[i] = i / P % C == chan[item / S] ? g[item * P + i % P] : 0.0f;"),
    GATE_ONE(
            "float* gx, const float* g, const float* x, const int* map, const int* chan, int S, int C, int P",
            """
            int item = i / P; int row = map[item / S] * S + item % S;
            gx[i] = g[i] * SLOPE(x[(row * C + chan[item / S]) * P + i % P]);"""),
    SCALE_ONE(
            "float* gx, const float* g, const float* s, const int* chan, int S, int C, int P",
            "gx[i] = g[i] * s[C == 1 ? 0 : chan[i / P / S]];"),
    /** Back from one channel of a 1x1 convolution or dense operator: a row of its weights, and the gate below. */
    ROW(
            "float* gx, const float* g, const float* w, const int* chan, const float* x, const int* map, int S, int C, int P,"
                    + " int IN, int OUT",
            """
            int item = i / (C * P); int k = i / P % C; int o = chan[item / S];
            float v = k / IN == o / OUT ? w[o * IN + k % IN] * g[item * P + i % P] : 0.0f;
            if (GATED) { v *= SLOPE(x[(map[item / S] * S + item % S) * (C * P) + i % (C * P)]); }
            gx[i] = v;"""),
    /** The same for a convolution with a window. */
    ROW_WINDOW(
            "float* gx, const float* g, const float* w, const int* chan, const float* x, const int* map, int S, int IN,"
                    + " int OUT, " + Windows.PARAMETERS,
            """
            int E = C * H * W; int item = i / E; int k = i / (H * W) % C; int o = chan[item / S];
            float v = 0.0f;
            if (k / IN == o / OUT) {
              const float* taps = w + (o * IN + k % IN) * (KH * KW); const float* map1 = g + item * OH * OW;
              int r = i / W % H + PT; int c = i % W + PL;
              for (int ky = 0; ky < KH; ky++) {
                int oy = r - ky * DY;
                if (oy >= 0 && oy % SY == 0 && oy / SY < OH) {
                  for (int kx = 0; kx < KW; kx++) {
                    int ox = c - kx * DX;
                    if (ox >= 0 && ox % SX == 0 && ox / SX < OW) {
                      v += taps[ky * KW + kx] * map1[oy / SY * OW + ox / SX];
                    }
                  }
                }
              }
            }
            if (GATED) { v *= SLOPE(x[(map[item / S] * S + item % S) * E + i % E]); }
            gx[i] = v;"""),
    /** Adds the weighted sum over the steps of a pair, through the gate below if there is one. */
    ACCUMULATE(
            "float* sum, const float* g, const float* x, const int* map, const float* weight, int S, int E",
            """
            int q = i / E; int e = i % E; float s = 0.0f;
            for (int n = 0; n < S; n++) {
              float v = weight[n] * g[(q * S + n) * E + e];
              if (GATED) { v *= SLOPE(x[(map[q] * S + n) * E + e]); }
              s += v;
            }
            sum[i] += s;"""),
    /** Scores of a pair and a channel: the sum over its positions of x times gradient. */
    SCORES(
            "float* t, const float* x, const float* gx, const int* map, int C, int P",
            """
            int q = i / C; int c = i % C; float s = 0.0f;
            for (int p = 0; p < P; p++) { s += x[(map[q] * C + c) * P + p] * gx[i * P + p]; }
            t[i] = s;""");

    private final String parameters;
    private final String body;

    Kind(String parameters, String body) {
        this.parameters = parameters;
        this.body = body;
    }

    /** The parameters in C, after {@code int n}. */
    String parameters() {
        return parameters;
    }

    String body() {
        return body;
    }

    /** Pieces that kernels with windows share. */
    private static final class Windows {
        static final String PARAMETERS =
                "int C, int H, int W, int OH, int OW, int KH, int KW, int SY, int SX, int DY, int DX,"
                        + " int PT, int PL";
        /** How far cells count beyond the map: 0 if padding does not. */
        static final String CELLS = ", int BT, int BL, int BB, int BR";

        static final String COUNT =
                """
                int rows = (top + KH < H + BB ? top + KH : H + BB) - (top > -BT ? top : -BT);
                int columns = (left + KW < W + BR ? left + KW : W + BR) - (left > -BL ? left : -BL);
                float cells = rows > 0 && columns > 0 ? (float) (rows * columns) : 1.0f;
                """;

        private Windows() {}
    }
}
