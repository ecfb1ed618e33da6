"""Everything the plugin does, as Processing algorithms."""
