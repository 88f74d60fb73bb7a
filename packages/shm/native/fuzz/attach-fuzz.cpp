// Hostile segments: whatever bytes lie there, attaching and using the ring must
// end in a status, within the buffer, and soon.

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "inspection.hpp"
#include "segment.hpp"
#include "subscriber.hpp"
#include "support/children.hpp"
#include "support/fakes.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

class Input {
 public:
  Input(const uint8_t* data, size_t size) : p_(data), left_(size) {}
  template <class T>
  T take() {
    T value{};
    const size_t n = left_ < sizeof value ? left_ : sizeof value;
    std::memcpy(&value, p_, n);
    p_ += n;
    left_ -= n;
    return value;
  }
  bool empty() const { return left_ == 0; }
  size_t left() const { return left_; }
  const uint8_t* rest() const { return p_; }

 private:
  const uint8_t* p_;
  size_t left_;
};

class Swallow final : public RecordSink {
 public:
  bool reserve(const Record& record, void** target) override {
    buffer_.resize(record.length);
    *target = buffer_.data();
    return true;
  }
  void accept(const Record&) override {}
  void reject(const Record&) override {}

 private:
  std::vector<uint8_t> buffer_;
};

Options tiny() {
  Options o;
  o.capacityBytes = 8192;
  o.maxRecords = 8;
  o.participants = 3;
  o.ttlNs = 1000000;
  return o;
}

struct Aligned {
  explicit Aligned(size_t n) : bytes(static_cast<uint8_t*>(std::aligned_alloc(4096, n))) { std::memset(bytes, 0, n); }
  ~Aligned() { std::free(bytes); }
  uint8_t* bytes;
};

// A header with any numbers, its checksum made right half of the time.
void hostileHeader(Input in) {
  uint8_t header[kHeaderBytes] = {};
  const bool seal = in.take<uint8_t>() & 1;
  const uint64_t size = in.take<uint64_t>();
  Geometry g;
  if (planGeometry(tiny(), g) != Status::ok) abort();
  Aligned memory(g.totalBytes);
  formatRing(memory.bytes, g, Birth{});
  std::memcpy(header, memory.bytes, sizeof header);
  while (!in.empty()) {
    const auto at = in.take<uint8_t>();
    header[at] = in.take<uint8_t>();
  }
  if (seal) {
    auto* id = reinterpret_cast<Identity*>(header);
    id->magic = kMagic;
    id->abi = kAbi;
    id->crc = headerCrc(header);
  }
  Diagnosis why;
  Geometry out;
  for (const uint64_t fileBytes : {g.totalBytes, size}) {
    if (checkHeader(header, fileBytes, out, why) != Status::ok) continue;
    if (out.totalBytes != fileBytes || out.offArena + out.arenaBytes != fileBytes ||
        out.offLinks + out.descriptors * 8ull > out.offArena) {
      abort();
    }
  }
}

// A sound header, and behind it control structures changed at will between
// operations.
void hostileControl(Input in) {
  Geometry g;
  if (planGeometry(tiny(), g) != Status::ok) abort();
  Aligned memory(g.totalBytes);
  formatRing(memory.bytes, g, Birth{});
  FakeHouse house;
  FakeLiveness life(house, 1);
  FakeClock clock;
  MonotonicClock real;
  FakeBells bells;
  class Ticking final : public Clock {
   public:
    uint64_t nowNs() override { return now += 50000; }
    uint64_t now = 1;
  } ticking;
  Ring ring;
  if (ring.bind(memory.bytes, g, {&life, &ticking, &bells, 200000}) != Status::ok) abort();
  if (ring.join(Self{1, 1, 1}) != Status::ok) abort();
  Subscriber subscriber(ring, 1);
  std::vector<uint8_t> data(8192, 1);
  std::vector<Lease> leases;
  std::vector<Loan> loans;
  Swallow sink;
  const uint64_t start = real.nowNs();
  for (int ops = 0; ops < 200 && !in.empty(); ++ops) {
    const auto op = in.take<uint8_t>();
    switch (op % 16) {
      case 0:
      case 1:
      case 2:
      case 3: {
        // Where the interesting words are: lines of the header, places,
        // descriptors, index.
        const uint64_t at = 0x100 + in.take<uint16_t>() % (g.offArena - 0x100);
        const auto value = in.take<uint64_t>();
        const uint64_t width = op & 16 ? 8 : op & 32 ? 4 : 1;
        std::memcpy(memory.bytes + (at + width <= g.offArena ? at / width * width : 0x100), &value, width);
        break;
      }
      case 4:
      case 5: ring.put(data.data(), in.take<uint16_t>() % 9000, {}, nullptr); break;
      case 6: {
        Loan loan;
        if (ring.loan(in.take<uint16_t>() % 9000, 64, loan) == Status::ok) {
          std::memset(loan.data, 5, loan.length);
          loans.push_back(loan);
        }
        break;
      }
      case 7:
        if (loans.empty()) break;
        if (op & 16) ring.commit(loans.back(), loans.back().length / 2, {}, nullptr);
        else ring.discard(loans.back());
        loans.pop_back();
        break;
      case 8: ring.peek(static_cast<int8_t>(in.take<uint8_t>()), sink, nullptr); break;
      case 9: ring.pop(static_cast<int8_t>(in.take<uint8_t>()), sink, nullptr); break;
      case 10: {
        Lease lease;
        if ((op & 16 ? ring.leaseNewest(lease) : ring.lease(in.take<uint64_t>(), lease)) == Status::ok) {
          volatile uint8_t sum = 0;
          for (uint64_t i = 0; i < lease.record.length; ++i) sum = sum + lease.data[i];
          leases.push_back(lease);
        }
        break;
      }
      case 11:
        if (leases.empty()) break;
        ring.unlease(leases.back());
        leases.pop_back();
        break;
      case 12: subscriber.next(sink); break;
      case 13: ring.reapDead(); break;
      case 14:
        ring.setBell(1, 1);
        ring.arm(in.take<uint64_t>());
        ring.waitFor(ring.nextSeq(), 1000);
        ring.notify();
        break;
      case 15: {
        ParticipantInfo info;
        ring.participantInfo(in.take<uint8_t>(), info);
        ring.live().records;
        ring.counters();
        break;
      }
    }
  }
  ring.leave();
  if (real.nowNs() - start > 20000000000ull) abort();
}

void hostileFile(Input in) {
  static const std::string path = uniquePath("attach");
  const int fd = open(path.c_str(), O_CREAT | O_RDWR | O_TRUNC, 0600);
  if (fd < 0) abort();
  const bool sound = in.take<uint8_t>() & 1;
  Geometry g;
  if (planGeometry(tiny(), g) != Status::ok) abort();
  Aligned memory(g.totalBytes);
  if (sound) formatRing(memory.bytes, g, Birth{});
  const uint64_t size = sound ? g.totalBytes : in.take<uint16_t>();
  for (size_t at = sound ? 0x100 : 0, i = 0; i < in.left() && at + i < g.totalBytes; ++i) {
    memory.bytes[at + i * (sound ? 7 : 1) % (g.totalBytes - at)] ^= in.rest()[i];
  }
  if (write(fd, memory.bytes, size < g.totalBytes ? size : g.totalBytes) < 0) abort();
  close(fd);
  Inspection inspection;
  inspectSegment(path, inspection);
  std::unique_ptr<Attachment> a;
  Diagnosis why;
  AttachOptions o;
  o.lockTimeoutNs = 1000000;
  if (attachSegment(path, o, a, why) == Status::ok) {
    Swallow sink;
    a->ring().put("x", 1, {}, nullptr);
    a->ring().peek(0, sink, nullptr);
    a->ring().pop(0, sink, nullptr);
    Lease lease;
    a->ring().leaseNewest(lease);
    a->close();
  }
  unlink(path.c_str());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Input in(data + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
    case 1: hostileHeader(in); break;
    case 2: hostileFile(in); break;
    default: hostileControl(in); break;
  }
  return 0;
}
