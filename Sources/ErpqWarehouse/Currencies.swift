import ErpqBase

/// The currencies of ISO 4217.
public enum Currencies {
  /// The codes in use, and those a company's history may still hold.
  public static let codes: Set<String> = Set(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD \
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
    GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD \
    KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK \
    NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS \
    SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST \
    XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split(separator: " ").map(String.init))

  /// The code in capitals, or an error that names near ones.
  public static func checked(_ code: String) throws -> String {
    let wanted = code.uppercased()
    if codes.contains(wanted) { return wanted }
    let near = nearest(to: wanted, among: codes.sorted())
    throw WarehouseError(
      .badData, "There is no currency \"\(code)\".",
      advice: near.isEmpty
        ? "Use an ISO 4217 code such as EUR." : "Did you mean \(near.joined(separator: ", "))?")
  }
}
