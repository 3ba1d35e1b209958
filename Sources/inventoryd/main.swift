import Inventory
import Launch

serve("inventoryd", Inventory.routes)
