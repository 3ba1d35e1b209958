import Launch
import Reviews

serve("reviewsd", Reviews.routes)
