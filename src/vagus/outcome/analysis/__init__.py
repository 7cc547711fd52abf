"""A trial analyzed: repeated measures, covariance, responders, time to response, missing scores, its tables."""
