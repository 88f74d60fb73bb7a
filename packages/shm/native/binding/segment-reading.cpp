#include <algorithm>

#include "arguments.hpp"
#include "record-sinks.hpp"
#include "segment-methods.hpp"

namespace rmq::binding::segment {
namespace {

using ring::Status;

bool readCount(napi_env env, napi_value value, int64_t& out) {
  double number;
  if (!readNumber(env, value, -kMaxSafeInteger, kMaxSafeInteger, number, "n must be a number")) return false;
  out = static_cast<int64_t>(number);
  return true;
}

constexpr const char* kTake = "take must be a boolean";

}  // namespace

napi_value read(napi_env env, Self& self, napi_value* arguments) {
  int64_t n;
  bool take;
  if (!readCount(env, arguments[0], n) || !readBool(env, arguments[1], take, kTake)) return nullptr;
  ManyRecords sink(env, self);
  uint64_t delivered;
  const Status s = take ? self.ring().pop(n, sink, &delivered) : self.ring().peek(n, sink, &delivered);
  // What was taken is in no other hands: it is never left out for a later failure.
  const bool failed = s != Status::ok && s != Status::empty && delivered == 0;
  return failed ? negative(env, s) : sink.result();
}

napi_value readInto(napi_env env, Self& self, napi_value* arguments) {
  int64_t n;
  Bytes target;
  if (!readCount(env, arguments[0], n) ||
      !readBytes(env, arguments[1], target, "target must be a Uint8Array that was not transferred away")) {
    return nullptr;
  }
  if (n != 1 && n != -1) {
    refuse(env, "n must be 1 for the oldest or -1 for the newest");
    return nullptr;
  }
  IntoTarget sink(self, target.data, target.length);
  uint64_t delivered;
  const Status s = self.ring().peek(n, sink, &delivered);
  return status(env, s == Status::ok && delivered == 0 ? Status::empty : s);
}

napi_value readOne(napi_env env, Self& self, napi_value* arguments) {
  uint64_t sequence;
  bool take;
  if (!readUint64(env, arguments[0], sequence, "sequence must be a number, not negative") ||
      !readBool(env, arguments[1], take, kTake)) {
    return nullptr;
  }
  OneRecord sink(env, self);
  const Status s = self.ring().readOne(sequence, take, sink);
  return s == Status::ok ? sink.payload() : status(env, s);
}

napi_value sequences(napi_env env, Self& self, napi_value* arguments) {
  int64_t n;
  if (!readCount(env, arguments[0], n)) return nullptr;
  std::vector<uint64_t> found;
  if (self.isOpen()) {
    const uint64_t upTo = self.ring().nextSeq() - self.ring().oldestSeq();
    const uint64_t asked = static_cast<uint64_t>(n < 0 ? -n : n);
    found.resize(n == 0 ? upTo : std::min(asked, upTo));
    found.resize(self.ring().sequences(n, found.data(), found.size()));
  }
  const std::vector<double> cells(found.begin(), found.end());
  return numbers(env, cells.data(), cells.size());
}

napi_value times(napi_env env, Self& self, napi_value*) {
  TimesOnly sink;
  const uint64_t next = self.isOpen() ? self.ring().nextSeq() : 0;
  for (uint64_t s = next == 0 ? 0 : self.ring().oldestSeq(); s < next; ++s) self.ring().readOne(s, false, sink);
  return numbers(env, sink.cells().data(), sink.cells().size());
}

}  // namespace rmq::binding::segment
