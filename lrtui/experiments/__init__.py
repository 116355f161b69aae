"""Many runs with one question: the chapter's lessons. No torch, no textual."""
