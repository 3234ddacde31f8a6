// Fernhill Supply: a shop with a list, a search, product pages, a cart and a checkout. Views follow the address's hash.
const MUG = `<path d="M70 60h80v78q0 12-12 12h-56q-12 0-12-12z" fill="COLOUR"/><path d="M150 78q34 0 34 26t-34 26" fill="none" stroke="COLOUR" stroke-width="11"/><rect x="66" y="55" width="88" height="8" rx="4" fill="#2b3438"/>`;
const TALL = `<path d="M84 34h62l-8 124q-1 8-9 8h-28q-8 0-9-8z" fill="COLOUR"/><rect x="78" y="24" width="74" height="16" rx="6" fill="#2b3438"/>`;
const LAMP = `<rect x="84" y="66" width="62" height="80" rx="10" fill="#f3d98a"/><rect x="78" y="52" width="74" height="18" rx="5" fill="COLOUR"/><rect x="78" y="142" width="74" height="16" rx="5" fill="COLOUR"/><path d="M90 52q25-44 50 0" fill="none" stroke="#2b3438" stroke-width="5"/>`;
const TENT = `<path d="M30 150 115 40l85 110z" fill="COLOUR"/><path d="M115 40v110l-26 0z" fill="#2b3438" opacity=".55"/>`;
const POT = `<rect x="66" y="70" width="98" height="70" rx="10" fill="COLOUR"/><rect x="58" y="60" width="114" height="12" rx="6" fill="#2b3438"/><path d="M164 92h40" stroke="#2b3438" stroke-width="9"/>`;
const PACK = `<rect x="74" y="42" width="82" height="112" rx="22" fill="COLOUR"/><rect x="86" y="96" width="58" height="40" rx="8" fill="#2b3438" opacity=".4"/><path d="M96 42q19-26 38 0" fill="none" stroke="#2b3438" stroke-width="6"/>`;
const ROLL = `<rect x="52" y="76" width="126" height="52" rx="26" fill="COLOUR"/><circle cx="178" cy="102" r="26" fill="#2b3438" opacity=".45"/>`;
const COLOURS = { Red: "#8a3b2e", Black: "#3a4145", Ochre: "#c58b2a", Green: "#47663f", Steel: "#7d8b91", Sand: "#c2a878", White: "#d3d9d4", Blue: "#2f62a8", Oak: "#9a6b3f", Grey: "#8d989d" };
const PRODUCTS = [
  { id: "lantern", name: "Lantern, rechargeable", price: 34, art: LAMP, colours: ["Red", "Black"], text: "Warm light for a tent or a table. Forty hours on one charge." },
  { id: "tent", name: "Ridge Tent, two persons", price: 189, art: TENT, colours: ["Ochre", "Green"], text: "Two poles, eight pegs, and a floor that stays dry." },
  { id: "pot", name: "Cooking Pot, 2 litres", price: 27, art: POT, colours: ["Steel"], text: "Sits steady on a small stove. The lid is a strainer too." },
  { id: "pack", name: "Day Pack, 24 litres", price: 62, art: PACK, colours: ["Green", "Sand"], text: "Room for a day: jacket, bread, map and a flask." },
  { id: "travel-mug", name: "Travel Mug, steel", price: 24, art: TALL, colours: ["Steel", "Black"], text: "Keeps tea hot for six hours. Fits a car holder, not a campfire." },
  { id: "camping-mug", name: "Camping Mug, enamel", price: 12, art: MUG, colours: ["White", "Blue", "Green"], text: "Light enamel on steel, 350 ml. Survives falls, fires and dishwashers." },
  { id: "mug-rack", name: "Mug Rack, four hooks", price: 16, art: ROLL, colours: ["Oak"], text: "Four brass hooks on a strip of oak." },
  { id: "mat", name: "Sleeping Mat, foam", price: 29, art: ROLL, colours: ["Blue", "Grey"], text: "Rolls small, weighs little, forgives stones." },
];
const order = new URLSearchParams(location.search).get("order") ?? "40001";
const cart = [];
let query = "";
const view = document.getElementById("view");
const money = (amount) => `€ ${amount.toFixed(2)}`;
const escapeText = (text) => Object.assign(document.createElement("span"), { textContent: text }).innerHTML;
const picture = (product, colour = product.colours[0]) => `<svg viewBox="0 0 230 190" aria-hidden="true">${product.art.replaceAll("COLOUR", COLOURS[colour])}</svg>`;
const card = (product) => `<a class="card" href="#/product/${product.id}">${picture(product)}<b>${product.name}</b><span class="quiet">${money(product.price)}</span></a>`;
const total = () => cart.reduce((sum, line) => sum + line.quantity * line.product.price, 0);

function show(title, html) {
  document.title = `Fernhill Supply — ${title}`;
  view.innerHTML = html;
  scrollTo(0, 0);
}

function home() {
  show("Camp and trail", `<h1>Camp and trail</h1><p class="quiet">Plain things that last. Free delivery over € 20.</p><div class="grid">${PRODUCTS.map(card).join("")}</div>`);
}

function results() {
  const found = PRODUCTS.filter((product) => product.name.toLowerCase().includes(query.toLowerCase()));
  show(`Search: ${query}`, `<h1>Results for “${escapeText(query)}”</h1><p class="quiet">${found.length} products</p><div class="grid">${found.map(card).join("")}</div>`);
}

function productPage(product) {
  const back = query ? `<a href="#/search">← Back to results</a>` : `<a href="#/">← All products</a>`;
  show(product.name, `${back}<div class="product"><div id="picture"></div><div><h1>${product.name}</h1><h2>${money(product.price)}</h2><p>${product.text}</p>
    <b>Colour</b><div class="choice" id="colours">${product.colours.map((name) => `<button>${name}</button>`).join("")}</div>
    <b>Quantity</b><div class="choice"><button id="less" aria-label="Less">−</button><output id="quantity">1</output><button id="more" aria-label="More">+</button></div>
    <button class="main" id="add">Add to cart</button><p id="added"></p></div></div>
    <h2 style="margin-top:26px">Goes well with</h2><div class="grid">${PRODUCTS.filter((other) => other !== product).slice(0, 4).map(card).join("")}</div>`);
  const choice = { product, colour: product.colours[0], quantity: 1 };
  const refresh = () => {
    document.getElementById("quantity").textContent = choice.quantity;
    document.getElementById("picture").innerHTML = picture(product, choice.colour);
    for (const button of document.querySelectorAll("#colours button")) button.classList.toggle("chosen", button.textContent === choice.colour);
  };
  for (const button of document.querySelectorAll("#colours button")) button.onclick = () => { choice.colour = button.textContent; refresh(); };
  document.getElementById("less").onclick = () => { choice.quantity = Math.max(1, choice.quantity - 1); refresh(); };
  document.getElementById("more").onclick = () => { choice.quantity += 1; refresh(); };
  document.getElementById("add").onclick = () => addToCart({ ...choice });
  refresh();
}

function addToCart(line) {
  cart.push(line);
  showCount();
  document.getElementById("added").innerHTML = `<br><span class="notice">${line.quantity} × ${line.product.name}, ${line.colour}, is in your cart.</span>`;
}

function showCount() {
  document.getElementById("cart").textContent = `Cart (${cart.reduce((sum, line) => sum + line.quantity, 0)})`;
}

const lines = () => `<table><tr><th>Product</th><th>Colour</th><th>Quantity</th><th>Price</th></tr>${cart.map((line) =>
  `<tr><td>${line.product.name}</td><td>${line.colour}</td><td>${line.quantity}</td><td>${money(line.quantity * line.product.price)}</td></tr>`).join("")}
  <tr><th colspan="3">Total</th><th>${money(total())}</th></tr></table>`;

function cartPage() {
  const checkout = cart.length ? `${lines()}<button class="main" id="checkout">Checkout</button>` : `<p>Your cart is empty.</p>`;
  show("Cart", `<h1>Your cart</h1>${checkout}`);
  if (cart.length) document.getElementById("checkout").onclick = () => { location.hash = "#/checkout"; };
}

function checkoutPage() {
  show("Checkout", `<h1>Checkout</h1><div class="two"><form class="box" id="address" autocomplete="off"><label>Full name<input id="name" required></label>
    <label>Street address<input id="street" required></label><label>City<input id="city" required></label>
    <button class="main" type="submit">Place order</button></form><div class="box"><h2>Your order</h2>${lines()}<p class="quiet">Arrives on Friday 15 May.</p></div></div>`);
  document.getElementById("address").onsubmit = (event) => { event.preventDefault(); placeOrder(); };
}

function placeOrder() {
  const [name, street, city] = ["name", "street", "city"].map((id) => escapeText(document.getElementById(id).value));
  const table = lines();
  cart.length = 0;
  showCount();
  show(`Order #${order} placed`, `<h1>Order #<span id="order">${order}</span> placed</h1><p class="notice">Thank you, ${name}. Your parcel arrives on <b>Friday 15 May</b>.</p>
    <div class="box"><h2>Delivery to</h2><p>${name}<br>${street}<br>${city}</p>${table}</div>`);
}

function route() {
  const [, page, id] = location.hash.split("/");
  const product = PRODUCTS.find((candidate) => candidate.id === id);
  const pages = { search: results, cart: cartPage, checkout: checkoutPage };
  if (page === "product" && product) productPage(product);
  else (pages[page] ?? home)();
}

document.getElementById("search").onsubmit = (event) => {
  event.preventDefault();
  query = document.getElementById("query").value.trim();
  if (location.hash === "#/search") results(); else location.hash = "#/search";
};
addEventListener("hashchange", route);
home();
