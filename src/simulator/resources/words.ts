/** Texts for records. Some are awkward on purpose: quotes, line breaks, emoji, other scripts. */
type Words = readonly [string, ...string[]];

export const firstNames: Words = [
  "Ada",
  "Grace",
  "Zoë",
  "Łukasz",
  "Björn",
  "Mei",
  "李娜",
  "Amélie",
  "Óscar",
  "Nia",
  "Tariq",
  "Ingrid",
  "Yuki",
  "Siobhán",
  "Dmitri",
];
export const lastNames: Words = [
  "Lovelace",
  "Hopper",
  "O'Neill",
  "Müller",
  "Nowak",
  "García-Márquez",
  "van der Berg",
  "Ståhl",
  "Okafor",
  "田中",
  "Haddad",
  "Fitzgerald",
  "Papadopoulos",
];
export const companies: Words = [
  "Acme",
  "Smith & Sons",
  "Blaues Pferd GmbH",
  'Orbital "Fast" Couriers',
  "Nørrebro Bikes",
  "Quantum Bakery",
  "Hooli\\Labs",
  "株式会社さくら",
  "Umbrella Tea",
  "Stark Gardens",
];
export const industries: Words = [
  "Manufacturing",
  "Food & Beverage",
  "Software",
  "Logistics",
  "Health Care",
];
export const titles: Words = [
  "CTO",
  "Head of Purchasing",
  "Data Engineer",
  "Owner",
  "VP, Sales",
];
export const cities: Words = [
  "Kraków",
  "Lisbon",
  "Reykjavík",
  "São Paulo",
  "Wien",
  "Oakland",
  "Nagoya",
];
export const countries: Words = [
  "PL",
  "Portugal",
  "Iceland",
  "Brasil",
  "Austria",
  "USA",
  "日本",
];
export const streets: Words = [
  "ul. Długa 5",
  "12 Main St\nSuite 4",
  "Rua Augusta 100",
  "Ringstraße 1/2",
];
export const tags: Words = [
  "vip",
  "newsletter",
  "trade show 2026",
  "do-not-call",
  "größer",
  "🔥 hot",
  "a,b",
];
export const sentences: Words = [
  "Called back, wants a quote by Friday.",
  'Said "maybe next quarter" — follow up in März.',
  "Line one\nline two\ttabbed",
  "Sent the price list 📈 and a C:\\path\\to\\file.",
  "Prefers e-mail. Kein Anruf vor 10 Uhr!",
];
export const currencies: Words = ["EUR", "USD", "GBP", "PLN", "JPY"];
export const regions: Words = ["EMEA", "APAC", "AMER"];
