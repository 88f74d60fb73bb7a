#pragma once

#include <memory>

#include "environment.hpp"
#include "segment.hpp"
#include "views.hpp"

namespace rmq::binding {

// What `info` shows: see INFO in addon-types.ts.
struct InfoCells {
  double sequence;
  double timeNs;
  double captureNs;
  double byteLength;
  double start;
  double slot;
  double lost;
};
constexpr size_t kInfoCells = sizeof(InfoCells) / sizeof(double);

// What `small` shows: an item of a queue that was taken or is to be put, if it fits
// in. For JavaScript, copying from and to here costs less than an ArrayBuffer's
// making, or its address.
constexpr size_t kSmallBytes = 4096;
// Behind one another, many of them to be put at once; their lengths follow.
constexpr size_t kPackedBytes = 64 * 1024;
constexpr uint32_t kPackedItems = 256;
struct SmallBytes {
  uint8_t bytes[kPackedBytes];
  uint32_t lengths[kPackedItems];
};

// NativeSegment: an attachment, and what JavaScript has borrowed from it.
class SegmentObject final : public Tenant {
 public:
  struct HeldLease {
    ring::Lease lease;
    RevocableView view;
  };
  struct OpenLoan {
    ring::Loan loan;
    RevocableView view;
  };

  SegmentObject(Environment& environment, std::unique_ptr<ring::Attachment> attachment);

  static napi_value create(napi_env env, std::unique_ptr<ring::Attachment> attachment);

  // The JavaScript object around this.
  napi_value object(napi_env env) const;
  bool isOpen() const { return mapping != nullptr; }
  ring::Attachment& attachment() { return *attachment_; }
  ring::Ring& ring() { return attachment_->ring(); }
  void describe(const ring::Record& record) {
    *info = InfoCells{static_cast<double>(record.seq),
                      static_cast<double>(record.monoNs),
                      static_cast<double>(record.captureNs),
                      static_cast<double>(record.length),
                      static_cast<double>(attachment_->ring().geometry().offArena + record.offset),
                      info->slot,
                      info->lost};
  }
  // Keeps a new lease in its slot and describes its record.
  void hold(const ring::Lease& lease);
  // Takes back all that was borrowed, then gives the place up.
  void close(napi_env env);
  void moveOut() override;
  void collected(napi_env env);

  std::shared_ptr<InfoCells> info;
  std::shared_ptr<SmallBytes> small;  // queues only
  std::shared_ptr<ring::Mapping> mapping;
  bool zeroCopy;
  HeldLease leases[ring::kLeasesEach];
  OpenLoan loans[ring::kOpenLoansEach];

 private:
  std::unique_ptr<ring::Attachment> attachment_;
  napi_ref object_ = nullptr;  // weak
};

}  // namespace rmq::binding
