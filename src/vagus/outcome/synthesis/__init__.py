"""Evidence synthesis: effects of studies, pooled effects, small-study check, blinding, number needed to treat."""
