import Glibc

/// The input at hand, where a signal handler can read it.
nonisolated(unsafe) private var inputStart: UnsafeMutablePointer<UInt8> = .allocate(capacity: 1 << 22)
nonisolated(unsafe) private var inputLength = 0

/// Remembers the input in case the next call does not return.
func remember(_ input: [UInt8]) {
  inputLength = min(input.count, 1 << 22)
  input.withUnsafeBufferPointer { buffer in
    if let base = buffer.baseAddress { inputStart.update(from: base, count: inputLength) }
  }
}

/// On a trap or a stack overflow, writes the input that caused it and ends with exit code 1.
func installCrashReport() {
  // A handler for an overflown stack needs a stack of its own.
  let size = 1 << 16
  var stack = stack_t(ss_sp: .allocate(byteCount: size, alignment: 16), ss_flags: 0, ss_size: size)
  sigaltstack(&stack, nil)
  var action = sigaction()
  action.__sigaction_handler.sa_handler = { _ in
    let head: StaticString = "crash with the input (escaped):\n"
    write(2, head.utf8Start, head.utf8CodeUnitCount)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { cell in
      let digits: StaticString = "0123456789abcdef"
      for i in 0..<inputLength {
        let byte = inputStart[i]
        if byte >= 32, byte < 127, byte != 92 {
          write(2, inputStart + i, 1)
        } else {
          cell[0] = 92
          cell[1] = 120
          cell[2] = digits.utf8Start[Int(byte >> 4)]
          cell[3] = digits.utf8Start[Int(byte & 15)]
          write(2, cell.baseAddress, 4)
        }
      }
      cell[0] = 10
      write(2, cell.baseAddress, 1)
    }
    _exit(1)
  }
  action.sa_flags = SA_ONSTACK
  for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE] { sigaction(signal, &action, nil) }
}

/// The bytes as a Swift string would write them.
func escaped(_ bytes: [UInt8]) -> String {
  bytes.map { byte in
    byte >= 32 && byte < 127 && byte != 92
      ? String(Unicode.Scalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }.joined()
}

/// Writes to the standard error stream.
func complain(_ text: String) {
  let bytes = Array(text.utf8)
  _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}
