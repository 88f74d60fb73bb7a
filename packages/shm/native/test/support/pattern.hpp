#pragma once

#include <cstdint>
#include <cstring>

namespace rmq::ring::test {

// Payloads that tell whether they are whole: every word follows from the tag in
// the first one, and the length is in it too.
inline uint64_t patternWord(uint64_t tag, uint64_t i) { return (tag + i) * 0x9E3779B97F4A7C15ull ^ (tag << 7); }

inline void fillPattern(void* data, uint64_t length, uint64_t tag) {
  auto* p = static_cast<uint8_t*>(data);
  uint64_t at = 0;
  for (uint64_t i = 0; at < length; ++i, at += 8) {
    const uint64_t w = i == 0 ? tag : patternWord(tag, i + length);
    std::memcpy(p + at, &w, length - at < 8 ? length - at : 8);
  }
}

inline uint64_t patternTag(const void* data) {
  uint64_t tag;
  std::memcpy(&tag, data, 8);
  return tag;
}

inline bool wholePattern(const void* data, uint64_t length) {
  if (length < 8) return true;
  const auto* p = static_cast<const uint8_t*>(data);
  const uint64_t tag = patternTag(data);
  uint64_t at = 8;
  for (uint64_t i = 1; at < length; ++i, at += 8) {
    const uint64_t w = patternWord(tag, i + length);
    if (std::memcmp(p + at, &w, length - at < 8 ? length - at : 8) != 0) return false;
  }
  return true;
}

}  // namespace rmq::ring::test
