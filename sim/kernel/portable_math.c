#include "sim/kernel/portable_math.h"

#include <assert.h>
#include <float.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two parts; the upper one ends after 32 fraction bits, so that its multiples by exponents are exact. */
static const double LN2_HIGH = 0x1.62e42feep-1, LN2_LOW = 0x1.a39ef35793c76p-33;

static inline uint64_t bits_of(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static inline double of_bits(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/* For each of 64 pieces of [0.69140625, 1.3828125): an inverse of some number c in it, rounded to 10 places, and
 * log(c) in two parts, the upper one a multiple of 2^-42. The piece around 1 has c = 1. */
static const struct {
	double inverse, high, low;
} log_table[64] = {
    {0x1.704p+0, -0x1.744f8633f2p-2, 0x1.91e9d1816c06cp-46},
    {0x1.6cp+0, -0x1.686c81e9b1p-2, -0x1.2bb110af84054p-44},
    {0x1.68p+0, -0x1.5d1bdbf581p-2, 0x1.8d6bdc9c7c238p-44},
    {0x1.644p+0, -0x1.5262deeb99p-2, 0x1.e1b9f70894a01p-44},
    {0x1.604p+0, -0x1.46d2d9c28p-2, -0x1.59b275f67f75ap-44},
    {0x1.5c8p+0, -0x1.3bdd24eb15p-2, 0x1.257b4970e6ed9p-44},
    {0x1.59p+0, -0x1.31871c9544p-2, -0x1.84fab94cecfd9p-46},
    {0x1.554p+0, -0x1.26561f1338p-2, -0x1.8b48866faa45fp-44},
    {0x1.51cp+0, -0x1.1bc794fd1dp-2, 0x1.ccf0c747ba7bep-44},
    {0x1.4e4p+0, -0x1.111ce4003fp-2, 0x1.b3237096b4b6bp-46},
    {0x1.4bp+0, -0x1.071b85fcd6p-2, 0x1.bcb8ba3e01a11p-44},
    {0x1.47cp+0, -0x1.fa01c3bb58p-3, 0x1.a1f71fae1d786p-46},
    {0x1.448p+0, -0x1.e598ed5a88p-3, 0x1.d134bcf1e98a1p-47},
    {0x1.414p+0, -0x1.d0fb7f2256p-3, 0x1.af52b20633b29p-47},
    {0x1.3e4p+0, -0x1.bdc46ae344p-3, -0x1.625b4023d6505p-44},
    {0x1.3bp+0, -0x1.a8becfc882p-3, -0x1.e3185cf21b9cfp-44},
    {0x1.38p+0, -0x1.9525a9cf46p-3, 0x1.297137d9f158fp-44},
    {0x1.354p+0, -0x1.83040c91bcp-3, -0x1.e5b71c6e66f32p-44},
    {0x1.324p+0, -0x1.6f0d28ae56p-3, -0x1.69737c93373dap-44},
    {0x1.2f8p+0, -0x1.5c94007598p-3, 0x1.a8d948cd23322p-44},
    {0x1.2c8p+0, -0x1.483bccce6ep-3, -0x1.eea52723f6369p-46},
    {0x1.2ap+0, -0x1.371fc201e8p-3, -0x1.ee8779b2d8abcp-44},
    {0x1.274p+0, -0x1.2423113ba6p-3, 0x1.e3a0078ee9d9cp-44},
    {0x1.248p+0, -0x1.10f8e42254p-3, 0x1.93b3843396307p-45},
    {0x1.22p+0, -0x1.fec9131dcp-4, 0x1.54555d1ae6607p-44},
    {0x1.1f8p+0, -0x1.db5270187cp-4, -0x1.9277856ae181fp-44},
    {0x1.1dp+0, -0x1.b78c82bb1p-4, 0x1.25ef7bc3987e7p-44},
    {0x1.1a8p+0, -0x1.9375e55594p-4, -0x1.eddc37380c364p-44},
    {0x1.18p+0, -0x1.6f0d28ae58p-4, 0x1.4b4641b664613p-44},
    {0x1.15cp+0, -0x1.4e01108a34p-4, -0x1.ae5cfdf2c5ae5p-44},
    {0x1.134p+0, -0x1.28f83450ecp-4, -0x1.a8d75aa119769p-44},
    {0x1.11p+0, -0x1.075983599p-4, 0x1.b8ecfe4b59987p-44},
    {0x1.0ecp+0, -0x1.cae72fb96p-5, 0x1.efabf2025b1bep-44},
    {0x1.0c8p+0, -0x1.868a83084p-5, 0x1.2623a134ac693p-46},
    {0x1.0a8p+0, -0x1.494acc34d8p-5, -0x1.11c78a56fd247p-45},
    {0x1.084p+0, -0x1.03d5d85e7p-5, -0x1.f778960ed29cfp-44},
    {0x1.064p+0, -0x1.8b31facaap-6, 0x1.3fc78a96e4964p-44},
    {0x1.04p+0, -0x1.fc0a8b0fcp-7, -0x1.f1e7cf6d3a69cp-50},
    {0x1.02p+0, -0x1.fe02a6b1p-8, -0x1.9e23f0dda40e4p-46},
    {0x1p+0, 0, 0},
    {0x1.f8p-1, 0x1.020565893p-6, 0x1.611d27c8e8417p-44},
    {0x1.f08p-1, 0x1.f7a9b1678p-6, 0x1.42ad9271be7d7p-45},
    {0x1.e9p-1, 0x1.788595a358p-5, -0x1.08b0d083b3a4cp-46},
    {0x1.e2p-1, 0x1.eea31c0068p-5, 0x1.c3dd83606d891p-44},
    {0x1.dbp-1, 0x1.333d7f8184p-4, -0x1.692b6a81b8848p-49},
    {0x1.d4p-1, 0x1.700d30aeacp-4, 0x1.c1e8da99ded32p-49},
    {0x1.cd8p-1, 0x1.a956d3ecacp-4, 0x1.e63794c02c4afp-44},
    {0x1.c7p-1, 0x1.e3707ee304p-4, 0x1.0f684e6766abdp-45},
    {0x1.c1p-1, 0x1.0ce7ecdcccp-3, 0x1.4652dabff5447p-46},
    {0x1.bbp-1, 0x1.28753bc11ap-3, 0x1.7494e359302e6p-44},
    {0x1.b5p-1, 0x1.4462b9dc9cp-3, -0x1.84858a711b062p-44},
    {0x1.afp-1, 0x1.60b3100b0ap-3, -0x1.71456c988f814p-44},
    {0x1.a98p-1, 0x1.7b00916516p-3, -0x1.ae75fcb067e57p-44},
    {0x1.a4p-1, 0x1.95a5adcf7p-3, 0x1.7f22858a0ff6fp-47},
    {0x1.9fp-1, 0x1.ae2ca6f672p-3, 0x1.7a8d5ae54f55p-44},
    {0x1.998p-1, 0x1.c97f8079d4p-3, 0x1.3b161a8c6e6c5p-45},
    {0x1.948p-1, 0x1.e2a877a6b2p-3, 0x1.823817787081ap-44},
    {0x1.8f8p-1, 0x1.fc218be62p-3, 0x1.4bba46f1cf6ap-44},
    {0x1.8bp-1, 0x1.09aa572e6cp-2, 0x1.b50a1e1734342p-44},
    {0x1.86p-1, 0x1.16b5ccbadp-2, -0x1.23299042d74bfp-44},
    {0x1.818p-1, 0x1.22981fbef8p-2, -0x1.a1421609580dap-44},
    {0x1.7dp-1, 0x1.2e9e2bce12p-2, 0x1.4300c128d1dc2p-45},
    {0x1.788p-1, 0x1.3ac8ca38e6p-2, -0x1.d0befbc02be4ap-45},
    {0x1.748p-1, 0x1.45b8c0a17ep-2, -0x1.d9120e7d0a853p-47},
};

/* x = 2^k z with z in a piece of the table, so log(x) = k ln 2 + log(c) + log(1 + r) with r = z / c - 1, at most
 * about 2^-7. From halves of z the products are exact and r is rounded once. The series of log(1 + r) ends when its
 * terms are below 2^-59 r. The largest parts are added without loss (high is 0 or greater than r), so that the error
 * is the last rounding's, that of r, and little more. */
double sim_log(double x)
{
	static const uint64_t first_piece = UINT64_C(0x3fe6200000000000), exponent_bits = UINT64_C(0xfff) << 52,
			      upper_half = ~UINT64_C(0) << 27;

	assert(x >= DBL_MIN && x <= DBL_MAX);
	uint64_t bits = bits_of(x), distance = bits - first_piece, z_bits = bits - (distance & exponent_bits);
	unsigned piece = distance >> 46 & 63;
	double k = (double)((int64_t)distance >> 52);
	double z = of_bits(z_bits), z_high = of_bits(z_bits & upper_half), inverse = log_table[piece].inverse;
	double r = (z_high * inverse - 1.0) + (z - z_high) * inverse, r2 = r * r;
	double high = k * LN2_HIGH + log_table[piece].high, sum = high + r;
	double low = k * LN2_LOW + log_table[piece].low + ((high - sum) + r);
	double series = (-1.0 / 2 + r * (1.0 / 3)) +
			r2 * ((-1.0 / 4 + r * (1.0 / 5)) + r2 * ((-1.0 / 6 + r * (1.0 / 7)) + r2 * (-1.0 / 8)));

	return sum + (low + r2 * series);
}

/* x = k ln 2 + r with |r| <= ln(2) / 2, and e^r = 1 + r + r c / (2 - c), c = r - r^2 P(r^2), where P is a
 * near-minimax fit of (r coth(r / 2) - 2) / r^2, off by less than 2^-57. */
double sim_exp(double x)
{
	static const double c[] = {0x1.5555555555553p-3, -0x1.6c16c16c09c2bp-9, 0x1.1566ab55f9cb0p-14,
				   -0x1.bbd51aa8fd478p-20, 0x1.63e4a27275cfep-25};
	static const double one_by_ln2 = 0x1.71547652b82fep+0;

	assert(x >= -700.0 && x <= 700.0);
	int64_t exponent = (int64_t)(x * one_by_ln2 + (x < 0.0 ? -0.5 : 0.5));
	double k = (double)exponent, high = x - k * LN2_HIGH, low = k * LN2_LOW, r = high - low, z = r * r;
	double correction = r - z * (c[0] + z * (c[1] + z * (c[2] + z * (c[3] + z * c[4]))));
	double y = 1.0 + ((r * correction / (2.0 - correction) - low) + high);

	return y * of_bits((uint64_t)(exponent + 1023) << 52);
}

/* Built with -fno-math-errno, so that this is the processor's instruction in every build type; where a processor has
 * none, it is a call of sqrt(), and IEEE 754 asks both to round correctly. */
double sim_sqrt(double x)
{
	assert(x >= 0.0);
	return __builtin_sqrt(x);
}

/* c[0] + c[1] x + ... + c[7] x^7 */
static double polynomial(const double c[8], double x)
{
	double y = c[7];

	for (int i = 6; i >= 0; i--)
		y = y * x + c[i];
	return y;
}

/* Wichura, Algorithm AS 241, Applied Statistics 37 (1988): three ratios of polynomials, for the middle, the tails,
 * and the far tails. */
double sim_normal_quantile(double p)
{
	static const double a[] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
				   1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
				   3.3430575583588128105e+4, 2.5090809287301226727e+3},
			    b[] = {1.0,
				   4.2313330701600911252e+1,
				   6.8718700749205790830e+2,
				   5.3941960214247511077e+3,
				   2.1213794301586595867e+4,
				   3.9307895800092710610e+4,
				   2.8729085735721942674e+4,
				   5.2264952788528545610e+3},
			    c[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
				   3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
				   2.27238449892691845833e-2, 7.74545014278341407640e-4},
			    d[] = {1.0,
				   2.05319162663775882187e0,
				   1.67638483018380384940e0,
				   6.89767334985100004550e-1,
				   1.48103976427480074590e-1,
				   1.51986665636164571966e-2,
				   5.47593808499534494600e-4,
				   1.05075007164441684324e-9},
			    e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
				   2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
				   2.71155556874348757815e-5, 2.01033439929228813265e-7},
			    f[] = {1.0,
				   5.99832206555887937690e-1,
				   1.36929880922735805310e-1,
				   1.48753612908506148525e-2,
				   7.86869131145613259100e-4,
				   1.84631831751005468180e-5,
				   1.42151175831644588870e-7,
				   2.04426310338993978564e-15};

	assert(p >= DBL_MIN && p < 1.0);
	double q = p - 0.5;

	if (q >= -0.425 && q <= 0.425) {
		double r = 0.180625 - q * q;

		return q * polynomial(a, r) / polynomial(b, r);
	}
	double r = sim_sqrt(-sim_log(q < 0.0 ? p : 1.0 - p));
	double x = r <= 5.0 ? polynomial(c, r - 1.6) / polynomial(d, r - 1.6)
			    : polynomial(e, r - 5.0) / polynomial(f, r - 5.0);

	return q < 0.0 ? -x : x;
}
