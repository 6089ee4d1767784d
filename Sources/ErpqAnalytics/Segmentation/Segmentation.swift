import ErpqBase

/// How products are segmented.
public struct SegmentationRule: Hashable, Sendable {
  /// Importance.
  public var abc: ABCRule
  /// Steadiness.
  public var xyz: XYZRule

  /// A rule; the defaults are the share before the item at 20 / 50 %, and weekly buckets.
  public init(abc: ABCRule = .before, xyz: XYZRule = XYZRule()) {
    self.abc = abc
    self.xyz = xyz
  }

  /// The documents' reading: the share with the item at 20 / 50 %, days, population deviation.
  public static let erpconnect = SegmentationRule(abc: .inclusive, xyz: .erpconnect)
}

/// A cell of the matrix of importance and steadiness.
public struct Segment: Hashable, Sendable, CustomStringConvertible {
  /// Importance.
  public var abc: ABCClass
  /// Steadiness.
  public var xyz: XYZClass

  /// The cell of two classes.
  public init(_ abc: ABCClass, _ xyz: XYZClass) {
    self.abc = abc
    self.xyz = xyz
  }

  /// `AX` … `CZ`; `A-` without a steadiness class.
  public var description: String { abc.rawValue + xyz.rawValue }

  /// The nine cells, AX first.
  public static let matrix: [Segment] = ABCClass.allCases.flatMap { abc in
    [XYZClass.x, .y, .z].map { Segment(abc, $0) }
  }

  /// How items of the cell are best managed. AX, AZ and CZ are the documents' words.
  public var strategy: String {
    switch (abc, xyz) {
    case (.a, .x): "Tight control, frequent review, high service level"
    case (.a, .y): "Frequent review, safety stock from forecast error, high service level"
    case (.a, .z): "Close monitoring, safety stock, multi-sourcing"
    case (.b, .x): "Automatic reorder point, standard service level"
    case (.b, .y): "Regular review, moderate safety stock"
    case (.b, .z): "Review by exception, safety stock against peaks"
    case (.c, .x): "Automatic reordering in large lots, few reviews"
    case (.c, .y): "Periodic review, modest safety stock"
    case (.c, .z): "Monitor periodically, low safety stock"
    case (_, .none): "Too little demand to judge: order on request, review whether to keep it"
    }
  }
}

/// The segments of a set of products; the arrays are in the order of the input.
public struct Segmentation: Sendable {
  /// Importance, and the order by value.
  public var abc: ABCResult
  /// Steadiness of each product.
  public var xyz: [XYZResult]

  /// Segments products by value and daily demand.
  ///
  /// - Parameters:
  ///   - values: revenue of each product over the window.
  ///   - demand: zero-filled daily quantities, one row a product.
  ///   - ids: break ties of value, ascending.
  /// - Throws: `Cancellation.Interrupted`.
  public init(
    values: [Double], demand: DailyMatrix, ids: [Int64]? = nil, rule: SegmentationRule = SegmentationRule()
  ) throws {
    let cancel = Cancellation.current
    abc = ABC.classify(values, ids: ids, rule: rule.abc)
    var steadiness: [XYZResult] = []
    steadiness.reserveCapacity(demand.rows)
    try demand.forEachRow { row, series in
      if row & 0xFFF == 0 { try cancel.check() }
      if row < values.count { steadiness.append(XYZ.classify(series, rule: rule.xyz)) }
    }
    while steadiness.count < values.count {
      steadiness.append(XYZResult(cls: rule.xyz.classWithoutDemand, cv: nil, mean: 0, buckets: 0))
    }
    xyz = steadiness
  }

  /// The cell of each product.
  public var segments: [Segment] { zip(abc.classes, xyz).map { Segment($0, $1.cls) } }

  /// How many products lie in a cell.
  public func count(_ segment: Segment) -> Int { segments.lazy.filter { $0 == segment }.count }
}
