# Reference values for tests/papers/test_synthesis_metafor.py. Run with: Rscript metafor.R > metafor.txt
# (Debian r-base-core 4.2.2, r-cran-metafor 3.8-1). Reads bcg.csv and stay.csv beside it.
suppressPackageStartupMessages(library(metafor))
tight <- list(threshold = 1e-12, maxiter = 5000) # REML to its end, not to the usual 1e-5
show <- function(key, value) cat(sprintf("%s %.12g\n", key, value))
cat("# R", as.character(getRversion()), "metafor", as.character(packageVersion("metafor")), "\n")
bcg <- read.csv("bcg.csv", comment.char = "#")
stay <- read.csv("stay.csv", comment.char = "#")
told <- function(name, es) {
  for (method in c("REML", "DL", "FE")) for (test in c("knha", "z")) {
    if (method == "FE" && test == "knha") next
    fit <- rma(yi, vi, data = es, method = method, test = test, control = tight)
    key <- paste(name, tolower(method), test, sep = ".")
    show(paste0(key, ".estimate"), as.numeric(fit$beta)); show(paste0(key, ".se"), fit$se)
    show(paste0(key, ".low"), fit$ci.lb); show(paste0(key, ".high"), fit$ci.ub); show(paste0(key, ".p"), fit$pval)
    if (method != "FE") {
      show(paste0(key, ".tau2"), fit$tau2); show(paste0(key, ".i2"), fit$I2)
      guess <- if (test == "knha") predict(fit) else predict(fit, pi.type = "riley")
      show(paste0(key, ".pi_low"), guess$pi.lb); show(paste0(key, ".pi_high"), guess$pi.ub)
    }
    show(paste0(key, ".q"), fit$QE)
  }
  egger <- regtest(es$yi, es$vi, model = "lm", predictor = "sei")
  show(paste0(name, ".egger.t"), egger$zval); show(paste0(name, ".egger.p"), egger$pval)
}
for (measure in c("RD", "RR", "OR")) {
  es <- escalc(measure, ai = active_events, n1i = active_n, ci = control_events, n2i = control_n, data = bcg)
  told(paste0("bcg.", tolower(measure)), es)
  mh <- rma.mh(measure = measure, ai = active_events, n1i = active_n, ci = control_events, n2i = control_n, data = bcg)
  key <- paste0("bcg.", tolower(measure), ".mh")
  show(paste0(key, ".estimate"), as.numeric(mh$beta)); show(paste0(key, ".se"), mh$se)
  show(paste0(key, ".low"), mh$ci.lb); show(paste0(key, ".high"), mh$ci.ub)
}
for (measure in c("MD", "SMD")) {
  es <- escalc(measure, m1i = active_mean, sd1i = active_sd, n1i = active_n,
               m2i = control_mean, sd2i = control_sd, n2i = control_n, data = stay)
  for (k in seq_len(nrow(es))) { show(paste0("stay.", tolower(measure), ".yi.", k), es$yi[k]); show(paste0("stay.", tolower(measure), ".vi.", k), es$vi[k]) }
  told(paste0("stay.", tolower(measure)), es)
}
