import Launch

serve(.inventory)
