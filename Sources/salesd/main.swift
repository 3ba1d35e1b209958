import Launch
import Sales

serve("salesd", Sales.routes)
