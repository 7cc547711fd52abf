# What R says on the data beside this file: Rscript trial.R > trial.txt
# Debian packages r-cran-nlme, r-cran-lme4, r-cran-lmertest, r-cran-pbkrtest, r-cran-emmeans, r-cran-survival
suppressMessages({
  library(nlme)
  library(lmerTest)
  library(pbkrtest)
  library(emmeans)
  library(survival)
})
cat("#", R.version.string)
for (one in c("nlme", "lme4", "lmerTest", "pbkrtest", "emmeans", "survival")) {
  cat(";", one, format(packageVersion(one)))
}
cat("\n")
say <- function(key, value) cat(key, format(as.numeric(value), digits = 15), "\n")
table_of <- function(name) read.csv(name, comment.char = "#", stringsAsFactors = FALSE)
sharp <- glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-12, msTol = 1e-14, msVerbose = FALSE)
control <- lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-12, maxeval = 10000))

told <- function(key, means, is_long = FALSE) {
  # means of the model, then active minus control at each visit
  s <- as.data.frame(summary(means))
  for (k in seq_len(nrow(s))) {
    name <- paste(key, "mean", s$arm[k], s$visit[k], sep = ".")
    say(paste0(name, ".estimate"), s$emmean[k])
    say(paste0(name, ".se"), s$SE[k])
    if (is_long) say(paste0(name, ".df"), s$df[k])
  }
  d <- as.data.frame(summary(contrast(means, "trt.vs.ctrl", by = "visit"), infer = TRUE))
  for (k in seq_len(nrow(d))) {
    name <- paste(key, "difference", d$visit[k], sep = ".")
    say(paste0(name, ".estimate"), d$estimate[k])
    say(paste0(name, ".se"), d$SE[k])
    if (is_long) {
      say(paste0(name, ".df"), d$df[k])
      say(paste0(name, ".low"), d$lower.CL[k])
      say(paste0(name, ".high"), d$upper.CL[k])
      say(paste0(name, ".p"), d$p.value[k])
    }
  }
}

fev <- table_of("fev.csv")
fev$arm <- factor(fev$arm, c("PBO", "TRT"))
fev$visit <- factor(fev$visit)
fev$at <- as.integer(fev$visit)
growth <- table_of("growth.csv")
growth$arm <- factor(growth$arm, c("Male", "Female"))
growth$visit <- factor(growth$visit, c("age8", "age10", "age12", "age14"))
growth$at <- as.integer(growth$visit)
# some visits missed, by a rule that the tests can follow
thin <- growth[(seq_len(nrow(growth)) %% 7) != 3, ]

shapes <- list(
  us = list(corSymm(form = ~ at | person), varIdent(form = ~ 1 | visit)),
  cs = list(corCompSymm(form = ~ at | person), NULL),
  csh = list(corCompSymm(form = ~ at | person), varIdent(form = ~ 1 | visit)),
  ar1 = list(corAR1(form = ~ at | person), NULL),
  ar1h = list(corAR1(form = ~ at | person), varIdent(form = ~ 1 | visit))
)
by_gls <- function(formula, data, shape) {
  # arguments as values: emmeans evaluates the call again
  given <- list(formula, data = data, correlation = shape[[1]], control = sharp, na.action = na.omit)
  if (!is.null(shape[[2]])) given$weights <- shape[[2]]
  do.call(gls, given)
}
for (shape in names(shapes)) {
  key <- paste0("fev.gls.", shape)
  fit <- by_gls(score ~ baseline * visit + arm * visit + race + sex, fev, shapes[[shape]])
  say(paste0(key, ".minus_two_ll"), -2 * as.numeric(logLik(fit)))
  told(key, emmeans(fit, ~ arm * visit, mode = "df.error", data = na.omit(fev)))
  fit <- by_gls(score ~ arm * visit, thin, shapes[[shape]])
  told(paste0("thin.gls.", shape), emmeans(fit, ~ arm * visit, mode = "df.error", data = thin))
}

last <- subset(fev, visit == "VIS4")
fit <- lm(score ~ baseline + arm + race + sex, last)
told("fev.lm", add_grouping(emmeans(fit, ~ arm + sex), "visit", "sex", c("VIS4", "VIS4")) |> emmeans(~ arm * visit), TRUE)

for (set in c("growth", "thin")) {
  fit <- lmer(score ~ arm * visit + (1 | person), get(set), control = control)
  say(paste0(set, ".lmer.var_person"), as.data.frame(VarCorr(fit))$vcov[1])
  say(paste0(set, ".lmer.var_residual"), as.data.frame(VarCorr(fit))$vcov[2])
  told(paste0(set, ".kr"), emmeans(fit, ~ arm * visit, lmer.df = "kenward-roger"), TRUE)
  told(paste0(set, ".satterthwaite"), emmeans(fit, ~ arm * visit, lmer.df = "satterthwaite"), TRUE)
  test <- anova(fit, ddf = "Kenward-Roger")["arm:visit", ]
  say(paste0(set, ".kr.joint.f"), test[["F value"]])
  say(paste0(set, ".kr.joint.df"), test[["DenDF"]])
  test <- anova(fit, ddf = "Satterthwaite")["arm:visit", ]
  say(paste0(set, ".satterthwaite.joint.f"), test[["F value"]])
  say(paste0(set, ".satterthwaite.joint.df"), test[["DenDF"]])
}

remission <- table_of("remission.csv")
remission$arm <- factor(remission$arm, c("placebo", "6-MP"))
curve <- survfit(Surv(time_weeks, event) ~ arm, remission, conf.type = "log-log")
for (arm in c("placebo", "6-MP")) {
  one <- summary(curve[which(c("placebo", "6-MP") == arm)], times = c(5, 10, 20))
  for (k in 1:3) {
    name <- paste("remission.km", arm, one$time[k], sep = ".")
    say(paste0(name, ".survival"), one$surv[k])
    say(paste0(name, ".se"), one$std.err[k])
    say(paste0(name, ".low"), one$lower[k])
    say(paste0(name, ".high"), one$upper[k])
    say(paste0(name, ".at_risk"), one$n.risk[k])
  }
  middle <- quantile(curve[which(c("placebo", "6-MP") == arm)], 0.5)
  say(paste("remission.median", arm, "estimate", sep = "."), middle$quantile)
  say(paste("remission.median", arm, "low", sep = "."), middle$lower)
  say(paste("remission.median", arm, "high", sep = "."), middle$upper)
}
test <- survdiff(Surv(time_weeks, event) ~ arm, remission)
say("remission.logrank.chi2", test$chisq)
for (ties in c("efron", "breslow")) {
  fit <- coxph(Surv(time_weeks, event) ~ arm, remission, ties = ties, control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100))
  say(paste0("remission.cox.", ties, ".estimate"), coef(fit))
  say(paste0("remission.cox.", ties, ".se"), sqrt(vcov(fit)[1, 1]))
  say(paste0("remission.cox.", ties, ".loglik"), fit$loglik[2])
  say(paste0("remission.cox.", ties, ".score"), fit$score)

}
# a number as covariate: the scores as if they were times
fev1 <- subset(fev, !is.na(score))
fit <- coxph(Surv(score, rep(1, nrow(fev1))) ~ arm + baseline, fev1, control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100))
say("fev.cox.estimate", coef(fit)[1])
say("fev.cox.se", sqrt(vcov(fit)[1, 1]))

p <- c(0.01, 0.04, 0.03, 0.005, 0.2)
for (how in c("holm", "hochberg", "bonferroni")) {
  for (k in 1:5) say(paste0("adjust.", how, ".", k), p.adjust(p, how)[k])
}
