"""Many runs at once: scenarios of prices."""
