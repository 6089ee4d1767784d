import ErpqBase

/// What the demo company sells, buys from and sells to. All of it is invented.
enum DemoCatalog {
  /// How the demand for a product behaves over the three years.
  enum Behaviour {
    case steady, growing, declining, seasonal, intermittent, lumpy, new, dead
  }

  struct Category {
    let name: String
    let prefix: String
    /// Factor of each month's demand, January first.
    let months: [Double]
    /// Factor of each weekday's demand, Monday first.
    let weekdays: [Double]
    let suppliers: [Int]
    let prices: ClosedRange<Double>
    let nouns: [String]
    let variants: [String]
  }

  struct Supplier {
    let id: Int64
    let name: String
    let currency: String
    /// Days promised from order to receipt.
    let lead: Int
    /// Days late on average, and how far that varies.
    let delay: Double
    let spread: Double
  }

  struct Product {
    var id: Int64
    var sku: String
    var name: String
    var category: Int
    var price: Double
    var cost: Double
    var supplier: Int
    var behaviour: Behaviour
    /// Sale lines a day, before season and trend.
    var rate: Double
    /// Typical quantity of a line.
    var size: Int
    var firstDay: Int
    var lastDay: Int
    var isActive: Bool
    var isService: Bool
    /// Reorder point and order quantity of the demo's own purchaser.
    var reorderAt = 0.0
    var orderQty = 0.0
  }

  static let suppliers: [Supplier] = [
    Supplier(id: 9001, name: "Azure Interior", currency: "EUR", lead: 12, delay: 2.5, spread: 4),
    Supplier(id: 9002, name: "Wood Corner", currency: "EUR", lead: 9, delay: 0.5, spread: 1.5),
    Supplier(id: 9003, name: "Gemini Furniture", currency: "EUR", lead: 18, delay: 1, spread: 3),
    Supplier(id: 9004, name: "Pacific Light Works", currency: "USD", lead: 42, delay: 4, spread: 8),
    Supplier(id: 9005, name: "Ready Paper", currency: "EUR", lead: 3, delay: 0.2, spread: 0.8),
    Supplier(id: 9006, name: "Roasters of Trieste", currency: "EUR", lead: 6, delay: 0.4, spread: 1),
    Supplier(id: 9007, name: "Nordic Steel", currency: "EUR", lead: 21, delay: 3, spread: 6),
    Supplier(id: 9008, name: "Clay and Linen", currency: "EUR", lead: 14, delay: 1.5, spread: 2.5),
  ]

  private static let office = [1.15, 1.2, 1.15, 1.1, 1.0, 0.25, 0.12]
  private static let shop = [0.9, 0.85, 0.95, 1.0, 1.2, 1.4, 0.7]

  static let categories: [Category] = [
    Category(
      name: "Desks", prefix: "DSK",
      months: [1.15, 1.0, 1.0, 0.95, 0.9, 0.9, 0.8, 0.95, 1.4, 1.15, 0.95, 0.85],
      weekdays: [1.15, 1.15, 1.1, 1.1, 1.0, 0.8, 0.7], suppliers: [0, 1], prices: 180...890,
      nouns: ["Corner Desk", "Standing Desk", "Writing Desk", "Folding Desk", "Bench Desk", "Meeting Table"],
      variants: ["", " Oak", " Walnut", " White", " Compact", " Pro"]),
    Category(
      name: "Chairs", prefix: "CHR",
      months: [1.1, 1.0, 1.0, 1.0, 0.95, 0.9, 0.8, 0.9, 1.35, 1.15, 1.0, 0.85],
      weekdays: office, suppliers: [0, 2], prices: 59...540,
      nouns: [
        "Office Chair", "Task Chair", "Visitor Chair", "Bar Stool", "Lounge Chair", "Conference Chair",
      ],
      variants: ["", " Black", " Grey", " Mesh", " Leather", " Kids"]),
    Category(
      name: "Storage", prefix: "STO",
      months: [1.3, 1.1, 1.0, 1.0, 0.95, 0.9, 0.85, 0.95, 1.15, 1.0, 0.95, 0.85],
      weekdays: office, suppliers: [1, 6], prices: 25...420,
      nouns: ["Cabinet", "Bookcase", "Drawer Unit", "Locker", "Shelf", "Coat Stand"],
      variants: ["", " Low", " High", " Wide", " Steel", " Birch"]),
    Category(
      name: "Lighting", prefix: "LGT",
      months: [1.25, 1.1, 0.95, 0.8, 0.7, 0.65, 0.65, 0.8, 1.05, 1.3, 1.5, 1.45],
      weekdays: shop, suppliers: [3], prices: 14...220,
      nouns: ["Desk Lamp", "Floor Lamp", "Pendant Lamp", "LED Panel", "Wall Light", "Light Strip"],
      variants: ["", " Brass", " Black", " Dimmable", " Small", " Large"]),
    Category(
      name: "Office Supplies", prefix: "OFF",
      months: [1.1, 1.0, 1.0, 1.0, 0.95, 0.95, 0.75, 0.85, 1.6, 1.1, 1.0, 0.8],
      weekdays: office, suppliers: [4], prices: 1.2...38,
      nouns: [
        "Paper A4", "Notebook", "Ballpoint Pens", "Folder", "Stapler", "Whiteboard Marker", "Envelope Box",
      ],
      variants: ["", " Blue", " Red", " Recycled", " 10 pack", " XL"]),
    Category(
      name: "Coffee and Tea", prefix: "CAF",
      months: [1.15, 1.1, 1.05, 1.0, 0.95, 0.85, 0.75, 0.7, 1.0, 1.1, 1.2, 1.25],
      weekdays: [1.4, 1.1, 1.05, 1.0, 0.95, 0.5, 0.2], suppliers: [5], prices: 4.5...46,
      nouns: [
        "Espresso Beans", "Filter Coffee", "Decaf Beans", "Earl Grey", "Green Tea", "Herbal Tea", "Cocoa",
      ],
      variants: ["", " 1 kg", " Organic", " Reserve", " Office Pack", " Gift Tin"]),
    Category(
      name: "Kitchen", prefix: "KIT",
      months: [0.9, 0.9, 0.95, 1.0, 1.0, 0.95, 0.9, 0.9, 1.0, 1.05, 1.3, 1.7],
      weekdays: shop, suppliers: [7, 6], prices: 6...160,
      nouns: ["Mug", "Kettle", "Coffee Maker", "Water Carafe", "Plate Set", "Lunch Box"],
      variants: ["", " White", " Stoneware", " Glass", " Blue", " Family Size"]),
    Category(
      name: "Garden", prefix: "GRD", months: [0.25, 0.35, 0.9, 1.7, 2.2, 2.1, 1.6, 1.1, 0.7, 0.4, 0.3, 0.35],
      weekdays: shop, suppliers: [7, 2], prices: 12...340,
      nouns: ["Parasol", "Garden Chair", "Planter", "Garden Bench", "Lantern", "Hammock"],
      variants: ["", " Green", " Terracotta", " Teak", " Large", " Classic"]),
  ]

  private static let towns = [
    "Lyon", "Nantes", "Lille", "Bordeaux", "Rennes", "Nice", "Metz", "Dijon", "Tours", "Brest", "Porto",
    "Ghent",
    "Basel", "Turin", "Bilbao", "Leipzig", "Graz", "Utrecht", "Malmo", "Cork",
  ]
  /// The countries of the towns behind the first ten, which lie in France.
  private static let countries = [
    "Portugal", "Belgium", "Switzerland", "Italy", "Spain", "Germany", "Austria", "Netherlands", "Sweden",
    "Ireland",
  ]
  private static let trades = [
    "Architects", "Bakery", "Books", "Clinic", "Coworking", "Dental", "Design", "Gallery", "Hotel",
    "Insurance",
    "Law Office", "Library", "Logistics", "Museum", "Notary", "Optics", "Pharmacy", "Print", "School",
    "Studio",
    "Theatre",
  ]
  private static let americanTowns = ["Boston", "Denver", "Austin", "Portland", "Chicago", "Seattle"]

  /// Customers by place in the list; those from `firstAmerican` on buy in dollars.
  static let customers: [String] =
    towns.flatMap { town in trades.map { "\(town) \($0)" } }
    + americanTowns.flatMap { town in trades.prefix(6).map { "\(town) \($0)" } }
  static let firstAmerican = towns.count * trades.count

  /// Where a customer of the list is at home.
  static func country(ofCustomer place: Int) -> String {
    if place >= firstAmerican { return "United States" }
    let town = place / trades.count
    return town < 10 ? "France" : countries[town - 10]
  }

  /// The products, in the order of their ids from 101 up.
  static func products(days: Int, random: inout SeededRandom) -> [Product] {
    var list: [Product] = []
    for (c, category) in categories.enumerated() {
      for variant in category.variants {
        for noun in category.nouns {
          let id = Int64(101 + list.count)
          list.append(
            product(id, noun + variant, category: c, isFirst: list.isEmpty, days: days, random: &random))
        }
      }
    }
    // Named services: sold, never stocked.
    for (name, price) in [("Delivery and Assembly", 79.0), ("Extended Warranty", 49.0)] {
      let id = Int64(101 + list.count)
      list.append(
        Product(
          id: id, sku: "SRV-\(id)", name: name, category: categories.count, price: price, cost: price * 0.6,
          supplier: -1, behaviour: .steady, rate: 2.2, size: 1, firstDay: 0, lastDay: days, isActive: true,
          isService: true))
    }
    return list
  }

  /// Part of the products with each behaviour, summed up; the rest are dead.
  private static let shares: [(upTo: Double, behaviour: Behaviour)] = [
    (0.36, .steady), (0.46, .growing), (0.56, .declining), (0.68, .seasonal), (0.83, .intermittent),
    (0.89, .lumpy),
    (0.95, .new),
  ]

  private static func product(
    _ id: Int64, _ name: String, category c: Int, isFirst: Bool, days: Int, random: inout SeededRandom
  ) -> Product {
    let category = categories[c]
    let place = random.uniform()
    // Cheap things are more frequent than dear ones.
    let span = category.prices.upperBound - category.prices.lowerBound
    let raw = category.prices.lowerBound + span * place * place
    let price = raw < 20 ? (raw * 10).rounded() / 10 - 0.01 : raw.rounded() - (raw > 100 ? 1 : 0.1)
    let margin = 0.28 + 0.3 * random.uniform()
    let draw = random.uniform()
    let behaviour: Behaviour =
      isFirst
      ? .growing
      : shares.first { draw < $0.upTo }?.behaviour ?? .dead
    let popularity = random.uniform()
    var rate = 0.08 + 2.9 * popularity * popularity * popularity
    var size = price < 15 ? 4 : price < 60 ? 2 : 1
    var firstDay = 0
    var lastDay = days
    switch behaviour {
    case .intermittent:
      rate = 0.02 + 0.07 * popularity
    case .lumpy:
      rate = 0.03 + 0.05 * popularity
      size *= 8
    case .new: firstDay = days - 30 - random.below(200)
    case .dead: lastDay = days - 190 - random.below(300)
    default: break
    }
    if isFirst {
      rate = 6.5
      size = 1
    }
    return Product(
      id: id, sku: "\(category.prefix)-\(id)", name: name, category: c,
      price: isFirst ? 349 : cents(price), cost: isFirst ? 214 : cents(price * (1 - margin)),
      supplier: isFirst ? 0 : category.suppliers[random.below(category.suppliers.count)],
      behaviour: behaviour,
      rate: rate, size: size, firstDay: firstDay, lastDay: lastDay,
      isActive: behaviour != .dead || random.below(3) > 0, isService: false)
  }

  /// Rounded to cents.
  static func cents(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
