import Launch

serve(.customers)
