// Uses the client that apiwright has generated in ./src on the demo shop at ADDRESS: walk.js ADDRESS PASSWORD, sami's.
// Checked by tsc --strict, so each name and type here is one of openapi.yaml.
import { ApiError, BearerAuth, Client } from "./src/index.js";
import type { NewOrder, Order, OrderStatus, Problem, Product } from "./src/index.js";

declare const process: { argv: string[] };
const [baseUrl, password] = process.argv.slice(2);
const visitor = new Client({ baseUrl });

function expect(condition: boolean, what: unknown): asserts condition {
  if (!condition) throw new Error(JSON.stringify(what));
}

async function logIn(username: string, secret: string): Promise<Client> {
  const tokens = await visitor.customers.login({ username, password: secret });
  return new Client({ baseUrl, auth: new BearerAuth(tokens.access_token) });
}

async function problem(asked: Promise<unknown>): Promise<Problem> {
  try {
    await asked;
  } catch (error) {
    if (error instanceof ApiError) return error.body as Problem;
    throw error;
  }
  throw new Error("was not refused");
}

const staff = await logIn("sami", password);
const product: Product = await staff.products.createProduct({ name: "Typed cup", category: "typed", price: 350, stock: 5 });
await visitor.customers.registerCustomer({ username: "typed", password: "correct horse", full_name: "Ty Ped", gender: "other" });
await staff.customers.creditWallet("typed", { amount: 10_000 });
const buyer = await logIn("typed", "correct horse");
const order: NewOrder = { items: [{ product_id: product.id, quantity: 2 }], expected_total: 700 };
const bought: Order = await buyer.orders.createOrder(order, { "Idempotency-Key": "typed-1" });
const status: OrderStatus = bought.status;
expect(status === "paid", bought);
const sent = await staff.orders.shipOrder(bought.id, { carrier: "Post" });
expect(sent.status === "shipped" && sent.shipments[0].items[0].quantity === 2, sent);
const refunded = await staff.orders.refundOrder(bought.id, { restock: true, reason: "sent back" });
expect(refunded.status === "refunded" && refunded.refunded === 700, refunded);
const review = await buyer.reviews.createReview({ product_id: product.id, rating: 4 });
// Nothing of the purchase is left after the refund.
expect(!review.verified_purchase && review.replied_at === null, review);
const made = await visitor.carts.createCart();
const cart = { "Souk-Cart": made.token };
const filled = await visitor.carts.setCartItem(product.id, { quantity: 2 }, cart);
expect(filled.total === 700 && filled.problems[0].code === "email_missing", filled);
const home = { name: "Ty Ped", lines: ["1 Main St"], city: "York", country: "GB" };
await visitor.carts.updateCart({ shipping_address: home, email: "ty@example.com" }, cart);
const checkout = { expected_total: 700, payment: { method: "bank_transfer" as const } };
const ordered = await visitor.carts.checkOutCart(checkout, cart);
const seen = await visitor.orders.getOrder(ordered.id, { "Souk-Order": ordered.order_token });
expect(seen.username === null && seen.email === "ty@example.com", seen);
const other = await visitor.carts.createCart();
await visitor.carts.setCartItem(product.id, { quantity: 1 }, { "Souk-Cart": other.token });
const claimed = await buyer.carts.claimCart({ "Souk-Cart": other.token });
expect(claimed.items[0].quantity === 1 && claimed.problems.length === 0, claimed);
const page = await visitor.products.listProducts({ category: "typed", limit: 1 });
expect(page.data[0].name === "Typed cup" && page.next === null, page);
const missing = await problem(visitor.products.getProduct(1e15));
expect(missing.code === "product_not_found" && missing.errors === undefined, missing);
console.log("registered, bought, refunded, reviewed, claimed, listed and refused");
