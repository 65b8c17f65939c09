"""Knowledge as rows: losses, choices, conversions, decisions, hardware. No module here has control flow."""
