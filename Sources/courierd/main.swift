import Launch

serve(.courier)
