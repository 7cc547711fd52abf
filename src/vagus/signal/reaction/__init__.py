"""Around a stimulation or a stressor: baseline, reactivity, recovery, and active against sham."""
