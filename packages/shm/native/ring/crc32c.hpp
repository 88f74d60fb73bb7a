#pragma once

#include <cstddef>
#include <cstdint>

namespace rmq::ring {

// Castagnoli polynomial. Continue a checksum by passing the previous result.
uint32_t crc32c(uint32_t crc, const void* data, size_t length);

}  // namespace rmq::ring
