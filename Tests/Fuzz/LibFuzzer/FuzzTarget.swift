/// The entry point of libFuzzer. `libfuzzer.sh` compiles it together with the modules and the checks of the mutations.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  if let problem = violation(of: text, thorough: count % 8 == 0) { fatalError(problem) }
  return 0
}
