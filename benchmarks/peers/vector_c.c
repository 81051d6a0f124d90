/* What the machine can do: the blobs training written by hand for vectors, sixteen networks to a vector.

   All parameters of sixteen networks, their gradients and what Adam remembers of them stay in registers and the first-level
   cache for the whole training; nothing but the examples is read. OpenMP hands the vectors to the cores. It is not
   general: the layer sizes are constants, and it is compiled with -ffast-math, so its last bits are its own. */

#include <math.h>

enum { LANES = 16, INPUTS = 2, HIDDEN = 2, OUTPUTS = 4 };
enum { W1 = 0, B1 = W1 + INPUTS * HIDDEN, W2 = B1 + HIDDEN, B2 = W2 + HIDDEN * OUTPUTS, SIZE = B2 + OUTPUTS };

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int ivec __attribute__((vector_size(4 * LANES)));

static inline vec where(ivec mask, vec yes, vec no) { return (vec)(((ivec)yes & mask) | ((ivec)no & ~mask)); }

/* A loop over the lanes, because GCC makes one maximum of it and three instructions of `where`. */
static inline vec larger(vec a, vec b) {
    vec c;
    for (int k = 0; k < LANES; k++) c[k] = a[k] > b[k] ? a[k] : b[k];
    return c;
}

/* exp(x) for x <= 0, to about 2e-7 of the value: 2^n times the polynomial of Cephes' expf on |r| <= log(2) / 2. */
static inline vec exponential(vec x) {
    x = larger(x, (vec){} - 87.0f);
    ivec n = __builtin_convertvector(x * 1.44269504f - 0.5f, ivec); /* towards zero, so to the nearest */
    vec whole = __builtin_convertvector(n, vec);
    vec r = x - whole * 0.693359375f + whole * 2.12194440e-4f;
    vec p = 1.9875691500e-4f * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return (p * r * r + r + 1.0f) * (vec)((n + 127) << 23);
}

/* Hidden pre-activations, outputs and softmax of one example; returns the sum of the exponentials. */
static inline vec forward(const vec *w, const float *x, vec *z, vec *h, vec *shifted, vec *e) {
    for (int u = 0; u < HIDDEN; u++) {
        z[u] = w[W1 + u] * x[0] + w[W1 + HIDDEN + u] * x[1] + w[B1 + u];
        h[u] = where(z[u] > 0, z[u], (vec){});
    }
    for (int o = 0; o < OUTPUTS; o++) shifted[o] = h[0] * w[W2 + o] + h[1] * w[W2 + OUTPUTS + o] + w[B2 + o];
    vec top = larger(larger(shifted[0], shifted[1]), larger(shifted[2], shifted[3]));
    vec sum = {};
    for (int o = 0; o < OUTPUTS; o++) {
        shifted[o] -= top;
        e[o] = exponential(shifted[o]);
        sum += e[o];
    }
    return sum;
}

/* Add the gradient of one example's loss, by hand. */
static inline void backward(const vec *w, const float *x, const float *target, vec *g) {
    vec z[HIDDEN], h[HIDDEN], shifted[OUTPUTS], e[OUTPUTS], dh[HIDDEN] = {};
    vec scale = 1.0f / forward(w, x, z, h, shifted, e);
    for (int o = 0; o < OUTPUTS; o++) {
        vec d = e[o] * scale - target[o];
        g[B2 + o] += d;
        for (int u = 0; u < HIDDEN; u++) {
            g[W2 + u * OUTPUTS + o] += h[u] * d;
            dh[u] += w[W2 + u * OUTPUTS + o] * d;
        }
    }
    for (int u = 0; u < HIDDEN; u++) {
        vec d = where(z[u] > 0, dh[u], (vec){});
        g[B1 + u] += d;
        for (int i = 0; i < INPUTS; i++) g[W1 + i * HIDDEN + u] += x[i] * d;
    }
}

/* Adam as Keras has it: epsilon is outside the bias correction. */
static inline void adam(vec *w, vec *first, vec *second, const vec *g, int rows, float rate, int step) {
    float corrected = rate * sqrtf(1 - powf(0.999f, step)) / (1 - powf(0.9f, step));
    for (int p = 0; p < SIZE; p++) {
        vec mean = g[p] / (float)rows, root;
        first[p] += (mean - first[p]) * 0.1f;
        second[p] += (mean * mean - second[p]) * 0.001f;
        for (int k = 0; k < LANES; k++) root[k] = sqrtf(second[p][k]);
        w[p] -= corrected * first[p] / (root + 1e-7f);
    }
}

/* Train `networks` (a multiple of LANES) in place: parameters (SIZE, networks), x (rows, INPUTS), targets
   (rows, OUTPUTS) one-hot; the mean loss over the examples goes to loss (networks). */
void train(int networks, int rows, int steps, float rate, const float *x, const float *targets, float *parameters,
           float *loss) {
#pragma omp parallel for schedule(dynamic)
    for (int at = 0; at < networks; at += LANES) {
        vec w[SIZE], first[SIZE] = {}, second[SIZE] = {}, total = {};
        for (int p = 0; p < SIZE; p++)
            for (int k = 0; k < LANES; k++) w[p][k] = parameters[p * networks + at + k];
        for (int step = 1; step <= steps; step++) {
            vec g[SIZE] = {};
            for (int r = 0; r < rows; r++) backward(w, x + r * INPUTS, targets + r * OUTPUTS, g);
            adam(w, first, second, g, rows, rate, step);
        }
        for (int r = 0; r < rows; r++) {
            vec z[HIDDEN], h[HIDDEN], shifted[OUTPUTS], e[OUTPUTS];
            vec sum = forward(w, x + r * INPUTS, z, h, shifted, e);
            for (int k = 0; k < LANES; k++) total[k] += logf(sum[k]);
            for (int o = 0; o < OUTPUTS; o++) total -= shifted[o] * targets[r * OUTPUTS + o];
        }
        for (int k = 0; k < LANES; k++) loss[at + k] = total[k] / rows;
        for (int p = 0; p < SIZE; p++)
            for (int k = 0; k < LANES; k++) parameters[p * networks + at + k] = w[p][k];
    }
}
