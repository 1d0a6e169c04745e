/* The few transcendental functions that feed virtual time. libm's differ in their last bits between processors and
 * versions; these use only IEEE 754 additions, multiplications and divisions in a fixed order, and give the same bits
 * everywhere (built with -ffp-contract=off). */
#ifndef SIM_KERNEL_PORTABLE_MATH_H
#define SIM_KERNEL_PORTABLE_MATH_H

/* Natural logarithm of a positive, finite, normal x (asserted); error below 1 ulp. */
double sim_log(double x);

/* e to the power of x for |x| <= 700 (asserted); error below 1 ulp. */
double sim_exp(double x);

/* Square root of x >= 0, correctly rounded. */
double sim_sqrt(double x);

/* Quantile of the standard normal distribution, 0 < p < 1 and p normal (asserted); relative error below 1e-15 (AS
 * 241, PPND16). */
double sim_normal_quantile(double p);

#endif
