"""The engine of mixed models: covariances, sums of products, restricted likelihood, tests of contrasts."""
