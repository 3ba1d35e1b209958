import Launch

serve(.sales)
