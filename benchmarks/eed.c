/* Ten steps of edge-enhancing diffusion in plain C, one thread: the baseline of benchmarks/eed.py.
 *
 * The scheme is that of `eed`: Gaussian smoothing, gradients at the corners of the pixels, the tensor
 * D = g(J) there, the δ-stencil, reflecting boundary. Compiled with -O2, as one would write it first.
 */
#include <math.h>
#include <stdlib.h>

static int mirror(int i, int n) {
    if (i < 0) i = -i - 1;
    if (i >= n) i = 2 * n - 1 - i;
    return i;
}

void eed(float *u, int height, int width, int steps, float contrast, const float *kernel, int radius,
         float alpha, float gamma, float time_step) {
    int across = width + 2, down = height + 2; /* with one mirrored pixel around */
    float *rows = malloc(sizeof(float) * height * width);
    float *smooth = malloc(sizeof(float) * down * across);
    float *image = malloc(sizeof(float) * down * across);
    float *rate = malloc(sizeof(float) * down * across);
    for (int step = 0; step < steps; step++) {
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                float sum = 0;
                for (int k = -radius; k <= radius; k++)
                    sum += kernel[k + radius] * u[mirror(y + k, height) * width + x];
                rows[y * width + x] = sum;
            }
        for (int y = -1; y <= height; y++)
            for (int x = -1; x <= width; x++) {
                const float *row = rows + mirror(y, height) * width;
                int at = (y + 1) * across + x + 1, centre = mirror(x, width);
                float sum = 0;
                if (centre >= radius && centre < width - radius)
                    for (int k = -radius; k <= radius; k++) sum += kernel[k + radius] * row[centre + k];
                else
                    for (int k = -radius; k <= radius; k++)
                        sum += kernel[k + radius] * row[mirror(centre + k, width)];
                smooth[at] = sum;
                image[at] = u[mirror(y, height) * width + centre];
                rate[at] = 0;
            }
        for (int y = 0; y <= height; y++)
            for (int x = 0; x <= width; x++) {
                const float *s = smooth + y * across + x, *v = image + y * across + x;
                float *r = rate + y * across + x;
                float sx = 0.5f * (s[1] - s[0] + s[across + 1] - s[across]);
                float sy = 0.5f * (s[across] - s[0] + s[across + 1] - s[1]);
                float square = sx * sx + sy * sy, ratio = square / (contrast * contrast);
                ratio = ratio < 1e-2f ? 1e-2f : ratio > 1e2f ? 1e2f : ratio;
                float g = 1 - expf(-3.31488f / (ratio * ratio * ratio * ratio));
                float share = (g - 1) / (square + 1e-20f);
                float a = 1 + share * sx * sx, b = share * sx * sy, c = 1 + share * sy * sy;
                if (y == 0 || y == height || x == 0 || x == width) b = 0;
                float falling = v[across + 1] - v[0], rising = v[1] - v[across];
                float ux = 0.5f * (falling + rising), uy = 0.5f * (falling - rising);
                float twist = v[across + 1] + v[0] - v[1] - v[across];
                float fx = 0.5f * (a * ux + b * uy), fy = 0.5f * (b * ux + c * uy);
                float w = 0.25f * (1 - 2 * alpha) * (a + c - 2 * gamma * fabsf(b)) * twist;
                r[0] += fx + fy - w;
                r[1] += w - fx + fy;
                r[across] += w + fx - fy;
                r[across + 1] -= fx + fy + w;
            }
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                u[y * width + x] += time_step * rate[(y + 1) * across + x + 1];
    }
    free(rows);
    free(smooth);
    free(image);
    free(rate);
}
