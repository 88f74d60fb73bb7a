#include <vector>

#include "arguments.hpp"
#include "item-sinks.hpp"
#include "segment-methods.hpp"

namespace rmq::binding::segment {
namespace {

using ring::Status;

constexpr const char* kData = "an item must be a Uint8Array that was not transferred away";
constexpr const char* kTag = "tag must be a number of 32 bits";
constexpr const char* kTimeout = "timeoutNs must be a number, not negative";

bool readTag(napi_env env, napi_value value, uint32_t& out) { return readUint32(env, value, UINT32_MAX, out, kTag); }

napi_value refused(napi_env env, Status s, const ItemSink& sink) {
  return negative(env, s == Status::noBuffer && sink.foreign ? Status::versionMismatch : s);
}

napi_value putPieces(napi_env env, Self& self, const ring::Piece* pieces, size_t count,
                     const ring::PutOptions& options) {
  uint64_t done;
  const Status s = self.ring().putBatch(pieces, count, options, &done);
  // What went in counts; whatever is wrong shows again in the next call.
  return s == Status::ok || done > 0 ? number(env, done) : negative(env, s);
}

// The first argument is read already.
napi_value putBytes(napi_env env, Self& self, const Bytes& bytes, napi_value* arguments) {
  ring::PutOptions options;
  uint64_t timeoutNs;
  if (!readTag(env, arguments[1], options.crc) || !readUint64(env, arguments[2], timeoutNs, kTimeout)) return nullptr;
  uint64_t sequence;
  const Status s = self.ring().putWithin(bytes.data, bytes.length, options, timeoutNs, &sequence);
  return s == Status::ok ? number(env, sequence) : negative(env, s);
}

}  // namespace

napi_value putItem(napi_env env, Self& self, napi_value* arguments) {
  Bytes bytes;
  return readBytes(env, arguments[0], bytes, kData) ? putBytes(env, self, bytes, arguments) : nullptr;
}

napi_value putSmall(napi_env env, Self& self, napi_value* arguments) {
  uint32_t length;
  if (!readUint32(env, arguments[0], kSmallBytes, length, "byteLength must be at most 4096")) return nullptr;
  if (self.small == nullptr) return negative(env, Status::unsupported);
  return putBytes(env, self, Bytes{self.small->bytes, length}, arguments);
}

napi_value putItems(napi_env env, Self& self, napi_value* arguments) {
  uint32_t length = 0;
  uint32_t from;
  ring::PutOptions options;
  if (napi_get_array_length(env, arguments[0], &length) != napi_ok) {
    refuse(env, "items must be an array");
    return nullptr;
  }
  if (!readUint32(env, arguments[1], length, from, "from must be an index") || !readTag(env, arguments[2], options.crc)) {
    return nullptr;
  }
  std::vector<ring::Piece> pieces;
  pieces.reserve(length - from);
  for (uint32_t i = from; i < length; ++i) {
    napi_value item;
    Bytes bytes;
    if (napi_get_element(env, arguments[0], i, &item) != napi_ok || !readBytes(env, item, bytes, kData)) return nullptr;
    pieces.push_back(ring::Piece{bytes.data, bytes.length});
  }
  return putPieces(env, self, pieces.data(), pieces.size(), options);
}

napi_value putPacked(napi_env env, Self& self, napi_value* arguments) {
  uint32_t count;
  ring::PutOptions options;
  if (!readUint32(env, arguments[0], kPackedItems, count, "count must be at most 256") ||
      !readTag(env, arguments[1], options.crc)) {
    return nullptr;
  }
  if (self.small == nullptr) return negative(env, Status::unsupported);
  ring::Piece pieces[kPackedItems];
  size_t at = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const size_t length = self.small->lengths[i];
    if (length > kPackedBytes - at) return negative(env, Status::invalidArgument);
    pieces[i] = ring::Piece{self.small->bytes + at, length};
    at += length;
  }
  return putPieces(env, self, pieces, count, options);
}

napi_value takeItem(napi_env env, Self& self, napi_value* arguments) {
  uint32_t tag;
  uint64_t timeoutNs;
  if (!readTag(env, arguments[0], tag) || !readUint64(env, arguments[1], timeoutNs, kTimeout)) return nullptr;
  if (self.small == nullptr) return negative(env, Status::unsupported);
  OneItem sink(env, self, tag);
  uint64_t delivered = 0;
  const Status s = self.ring().popWithin(1, sink, timeoutNs, &delivered);
  return delivered == 1 ? sink.result() : refused(env, s, sink);
}

napi_value takePacked(napi_env env, Self& self, napi_value* arguments) {
  uint32_t most;
  uint32_t tag;
  if (!readUint32(env, arguments[0], kPackedItems, most, "max must be at most 256") ||
      !readTag(env, arguments[1], tag)) {
    return nullptr;
  }
  if (self.small == nullptr) return negative(env, Status::unsupported);
  PackedItems sink(*self.small, tag);
  uint64_t delivered = 0;
  const Status s = self.ring().popWithin(most, sink, 0, &delivered);
  return delivered > 0 ? number(env, delivered) : refused(env, s, sink);
}

napi_value snapshot(napi_env env, Self& self, napi_value* arguments) {
  uint32_t tag;
  if (!readTag(env, arguments[0], tag)) return nullptr;
  ManyItems sink(env, tag);
  uint64_t first;
  uint64_t next;
  const Status s = self.ring().snapshot(sink, &first, &next);
  return s == Status::ok ? sink.result(first) : refused(env, s, sink);
}

napi_value depth(napi_env env, Self& self, napi_value*) {
  return self.isOpen() ? number(env, self.ring().depth()) : negative(env, Status::closed);
}

}  // namespace rmq::binding::segment
