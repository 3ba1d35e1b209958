import Launch

serve(.reviews)
