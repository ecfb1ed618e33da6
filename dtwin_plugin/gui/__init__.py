"""What a person sees: menu, toolbar, messages. Work is started by algorithm id and never by import."""
