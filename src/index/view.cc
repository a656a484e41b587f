// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "index/tenant.h"

namespace atlas::index {
namespace {

// As jsonb orders the members of an object.
bool comes_before(std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

const ColumnView* Table::find(std::string_view name) const {
    const auto found = std::ranges::lower_bound(
        columns_, name, comes_before,
        [](const auto& column) -> std::string_view { return column->name; });
    return found == columns_.end() || (*found)->name != name ? nullptr : found->get();
}

View Tenant::pin(Time now) const {
    last_read_.store(to_micros(now), std::memory_order_relaxed);
    const std::lock_guard lock(gate_);
    ++pins_;
    const auto same = std::ranges::find(readers_, published_.number,
                                        &std::pair<std::uint64_t, std::size_t>::first);
    if (same == readers_.end()) {
        readers_.emplace_back(published_.number, 1);
    } else {
        ++same->second;
    }
    return {shared_from_this(), published_};
}

View::~View() {
    if (!tenant_) return;
    const std::lock_guard lock(tenant_->gate_);
    auto& readers = tenant_->readers_;
    const auto mine =
        std::ranges::find(readers, number(), &std::pair<std::uint64_t, std::size_t>::first);
    if (--mine->second == 0) readers.erase(mine);
}

const Rows& View::columns() const {
    return tenant_->rows_;
}

std::string_view View::type(Row row) const {
    const auto code = static_cast<Code>(types().bits(row, number()));
    if (code == 0) return {};
    const auto value = types().dictionary->value(code, number());
    return value ? value->text : std::string_view{};
}

std::optional<Row> View::find(std::string_view external_id) const {
    std::optional<Row> found;
    columns().names.find(external_id, [&](Row row) {
        if (row >= rows() || (flags(row) & kHasEntity) == 0 || name(row) != external_id) {
            return false;
        }
        found = row;
        return true;
    });
    return found;
}

}  // namespace atlas::index
