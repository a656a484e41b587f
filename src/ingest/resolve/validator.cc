// SPDX-License-Identifier: Apache-2.0
#include "ingest/resolve/validator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "ingest/resolve/rehearsal.h"

namespace atlas::ingest {

using model::Type;

namespace {

// Rounds of catalog changes before the values are judged by what the catalog says then.
constexpr int kMaxRounds = 8;

// In the key of a layout: a tag and a field of one name are packed differently, and so is an int
// that its attribute, a double, keeps as it is.
constexpr std::uint32_t kTagBit = std::uint32_t{1} << 31U;
constexpr std::uint32_t kIntBit = std::uint32_t{1} << 30U;

bool contains(const std::vector<AttributeId>& ids, AttributeId id) {
    return std::ranges::find(ids, id) != ids.end();
}

void add_once(std::vector<AttributeId>& ids, AttributeId id) {
    if (!contains(ids, id)) ids.push_back(id);
}

// To the millisecond: the digits beyond say nothing, and in the analytics store they would take
// more room than the rest. What has no time of its own was observed when it arrived.
Time arrival_of(const Observation& observation, const WriteRequest& request) {
    if (observation.observed_at == request.received_at) return request.received_at;
    return std::chrono::floor<std::chrono::milliseconds>(request.received_at);
}

}  // namespace

pg::Expected<Validator::Result> Validator::validate(pg::Connection& connection, Job& job,
                                                    std::span<const std::uint32_t> observations,
                                                    bool reload) {
    const TenantId tenant = job.request.tenant;
    Result result;
    int registered = 0;  // fields, then tags: see stores_a_field()
    // A rehearsal goes on from what it saw first.
    bool looked_again = job.request.dry_run;
    immovable_.clear();
    draft_ = nullptr;
    for (int round = 0; round < kMaxRounds; ++round) {
        const bool cached = !reload && !looked_again;
        auto snapshot = draft_         ? pg::Expected<model::TenantCatalogPtr>(draft_)
                        : reload       ? catalog_.reload(connection, tenant)
                        : looked_again ? catalog_.get_current(connection, tenant)
                                       : catalog_.get(connection, tenant);
        if (!snapshot) return failure(snapshot.error());
        result = {};
        if (*snapshot == nullptr || !(*snapshot)->active()) {
            // The cached catalog of a disabled tenant may be older than its reactivation.
            if (!std::exchange(reload, true)) continue;
            result.tenant_active = false;
            return result;
        }
        const std::string& name = job.request.tenant_name;
        if (!name.empty() && name != (*snapshot)->tenant_name()) {
            // The cached catalog may be older than the name.
            if (!std::exchange(reload, true)) continue;
            result.tenant_named = false;
            return result;
        }
        set_ = std::make_shared<LayoutSet>();
        set_->catalog = *snapshot;
        resolve_names(job.batch);
        // Another gateway may have registered what looks unknown; for a null that has to be known.
        const bool old = !std::exchange(looked_again, true) && !reload;
        if (old && has_unknown_null(job, observations)) continue;
        reload = true;
        bool changed = false;
        for (; registered < 2 && !changed; ++registered) {
            const auto done = register_unknown(connection, job, observations, registered == 1);
            if (!done) return failure(done.error());
            changed = *done;
        }
        if (changed) continue;
        check_all(job, observations, result);
        if (!moves_.empty()) {
            const auto moved = move_tags(connection, job);
            if (!moved) return failure(moved.error());
            if (*moved) registered = 0;  // the fields, under names that are free now
            continue;
        }
        // Another gateway may have changed the type that refuses a value.
        if (cached && !pending_.empty()) {
            reload = false;
            registered = 0;
            continue;
        }
        if (change_.empty()) break;
        const auto applied = change_catalog(connection, job);
        if (!applied) return failure(applied.error());
    }
    for (Pending& refused : pending_) {
        job.outcome.refuse_point(refused.observation, refused.place, refused.refusal.code,
                                 std::move(refused.refusal.detail));
    }
    for (const std::uint32_t observation : bare_) job.outcome.drop_tags(observation);
    result.layouts = std::move(set_);
    return result;
}

void Validator::resolve_names(const Batch& batch) {
    attributes_.assign(batch.names(), nullptr);
    for (std::uint32_t name = 0; name < batch.names(); ++name) {
        attributes_[name] = set_->catalog->find(batch.name(name));
    }
    tag_homes_.assign(batch.names(), std::nullopt);
    layouts_.clear();
    last_layout_ = nullptr;
    last_key_.clear();
}

// What a point is a value of; nullptr: unknown, or a tag that is kept in the series key only.
const model::Attribute* Validator::attribute_of(const Batch& batch, const Point& point) {
    const model::Attribute* attribute = attributes_[point.name];
    if (!point.tag || attribute == nullptr || attribute->from_tags) return attribute;
    std::optional<const model::Attribute*>& home = tag_homes_[point.name];
    if (!home) {
        const auto* moved = set_->catalog->find(fmt::format("{}_tag", batch.name(point.name)));
        const bool has_moved = moved != nullptr && moved->from_tags;
        home = has_moved ? moved : attribute->type == Type::string ? attribute : nullptr;
    }
    return *home;
}

// Whether the attribute, which only tags have written, has to be moved for this value: any field,
// and any other value that it cannot hold.
bool Validator::gives_way(const model::Attribute& attribute, const Job& job,
                          const Point& point) const {
    if (!attribute.from_tags || point.tag || point.kind == Kind::null) return false;
    if (std::ranges::find(immovable_, point.name) != immovable_.end()) return false;
    return job.request.format == Format::line ||
           check_value(job.batch, point, attribute, max_value_bytes_).has_value();
}

pg::Expected<bool> Validator::move_tag(pg::Connection& connection, const Job& job,
                                       std::string_view name) {
    if (!job.request.dry_run) return ingest::move_tag(connection, job.request.tenant, name);
    auto moved = with_moved_tag(draft_ ? *draft_ : *set_->catalog, name);
    if (moved) draft_ = std::move(moved);
    return draft_ != nullptr && draft_->find(name) == nullptr;
}

// Whether any could be moved.
pg::Expected<bool> Validator::move_tags(pg::Connection& connection, const Job& job) {
    bool any = false;
    for (const std::uint32_t name : moves_) {
        const auto moved = move_tag(connection, job, job.batch.name(name));
        if (!moved) return failure(moved.error());
        any |= *moved;
        if (!*moved) immovable_.push_back(name);
    }
    return any;
}

bool Validator::has_unknown_null(const Job& job,
                                 std::span<const std::uint32_t> observations) const {
    if (std::ranges::find(attributes_, nullptr) == attributes_.end()) return false;
    return std::ranges::any_of(observations, [&](std::uint32_t observation) {
        const auto points = job.batch.points(job.batch.observations()[observation]);
        return std::ranges::any_of(points, [&](const Point& point) {
            return point.kind == Kind::null && !point.tag && attributes_[point.name] == nullptr;
        });
    });
}

// Whether one of the item's fields is stored, as far as the catalog knows them. A tag alone is no
// observation: it must not be registered for a line whose fields are all refused.
bool Validator::stores_a_field(const Job& job, std::uint32_t observation) const {
    const auto points = job.batch.points(job.batch.observations()[observation]);
    for (std::uint32_t i = 0; i < points.size(); ++i) {
        const Point& point = points[i];
        const model::Attribute* attribute = attributes_[point.name];
        if (point.tag || attribute == nullptr || job.outcome.is_refused(observation, i)) continue;
        if (widens(*attribute, point) || gives_way(*attribute, job, point) ||
            !check_value(job.batch, point, *attribute, max_value_bytes_)) {
            return true;
        }
    }
    return false;
}

pg::Expected<bool> Validator::register_unknown(pg::Connection& connection, const Job& job,
                                               std::span<const std::uint32_t> observations,
                                               bool tags) {
    if (std::ranges::find(attributes_, nullptr) == attributes_.end()) return false;
    std::vector<std::optional<Type>> types(attributes_.size());
    for (const std::uint32_t observation : observations) {
        const auto points = job.batch.points(job.batch.observations()[observation]);
        for (std::uint32_t i = 0; i < points.size(); ++i) {
            const Point& point = points[i];
            if (attributes_[point.name] != nullptr || point.tag != tags) continue;
            if (tags && !stores_a_field(job, observation)) break;
            std::optional<Type>& type = types[point.name];
            if (!type) type = type_on_first_sight(point.kind);
            if (type != Type::int64 || point.kind != Kind::float64) continue;
            type = Type::float64;
        }
    }
    std::vector<NewAttribute> unknown;
    for (std::uint32_t name = 0; name < types.size(); ++name) {
        if (types[name]) unknown.push_back({job.batch.name(name), *types[name]});
    }
    if (unknown.empty()) return false;
    if (job.request.dry_run) {
        auto draft = with_attributes(connection, *set_->catalog, unknown);
        if (!draft) return failure(draft.error());
        draft_ = std::move(*draft);
        return true;
    }
    const auto done = register_attributes(connection, job.request.tenant, unknown,
                                          tags ? Origin::tags : Origin::values);
    if (!done) return failure(done.error());
    return true;
}

pg::Expected<void> Validator::change_catalog(pg::Connection& connection, const Job& job) {
    if (!job.request.dry_run) return apply_change(connection, job.request.tenant, change_);
    draft_ = with_change(*set_->catalog, change_);
    return {};
}

// Sets key_ to what is stored of the item. False: nothing, or nothing but tags. `refused`: some
// points of the job are refused already.
bool Validator::choose_points(const Job& job, std::uint32_t observation,
                              std::span<const Point> points, bool refused) {
    const bool tagged = !points.empty() && points.front().tag;
    key_.assign(points.size(), Batch::kNoName);
    bool any = false;
    const auto choose = [&](bool tags) {
        for (std::uint32_t i = 0; i < points.size(); ++i) {
            if (points[i].tag != tags) continue;
            if (refused && job.outcome.is_refused(observation, i)) continue;
            const Verdict verdict = check_point(job, observation, i, points[i]);
            if (verdict != Verdict::keep && verdict != Verdict::keep_int) continue;
            key_[i] = points[i].name | (tags ? kTagBit : 0) |
                      (verdict == Verdict::keep_int ? kIntBit : 0);
            any = true;
        }
    };
    choose(false);
    if (tagged && any) choose(true);
    if (tagged && !any) bare_.push_back(observation);
    return any;
}

void Validator::check_all(const Job& job, std::span<const std::uint32_t> observations,
                          Result& result) {
    pending_.clear();
    bare_.clear();
    moves_.clear();
    change_ = {};
    const Batch& batch = job.batch;
    const bool refused = job.outcome.has_refused_points();
    result.rows.reserve(observations.size());
    for (const std::uint32_t index : observations) {
        const Observation& observation = batch.observations()[index];
        const auto points = batch.points(observation);
        if (!choose_points(job, index, points, refused)) continue;
        Row row;
        row.tenant = job.request.tenant;
        row.entity = job.entities.empty() ? EntityId{} : job.entities[index];
        row.observed_at = observation.observed_at;
        row.received_at = arrival_of(observation, job.request);
        row.batch = &batch;
        row.layout = layout_of(batch, points);
        row.first_point = observation.first_point;
        row.observation = index;
        result.rows.push_back(row);
        result.overwritten += row.layout->repeated;
    }
}

Validator::Verdict Validator::check_point(const Job& job, std::uint32_t observation,
                                          std::uint32_t place, const Point& point) {
    const model::Attribute* attribute = attributes_[point.name];
    // The common cases, without a call.
    if (attribute != nullptr && attribute->in_use) {
        if (point.kind == Kind::float64 && attribute->type == Type::float64) return Verdict::keep;
        if (point.kind == Kind::int64 && attribute->type == Type::int64) return Verdict::keep;
        if (point.kind == Kind::boolean && attribute->type == Type::boolean) return Verdict::keep;
    }
    return check_slow(job, observation, place, point);
}

Validator::Verdict Validator::check_slow(const Job& job, std::uint32_t observation,
                                         std::uint32_t place, const Point& point) {
    const Batch& batch = job.batch;
    const model::Attribute* attribute = attribute_of(batch, point);
    if (point.tag && (point.kind == Kind::null ||
                      (attribute == nullptr && attributes_[point.name] != nullptr))) {
        return Verdict::skip;  // in the series key only
    }
    const auto refuse = [&](Refusal refusal) {
        pending_.push_back({observation, place, std::move(refusal)});
        return Verdict::refused;
    };
    if (attribute == nullptr) {
        if (point.kind == Kind::null) return Verdict::skip;  // accepted, stores nothing
        if (point.kind == Kind::big) {
            return refuse(
                {ItemCode::not_representable,
                 fmt::format("{} does not fit in 64 bits; declare the attribute as decimal to "
                             "store such numbers",
                             batch.text({point.raw, point.raw_length}).substr(0, 40))});
        }
        return refuse({ItemCode::attribute_limit,
                       "the tenant's attribute limit is reached; remove some or raise "
                       "tenants.max_attributes"});
    }
    if (point.kind == Kind::null) return Verdict::keep;
    if (gives_way(*attribute, job, point)) {
        if (std::ranges::find(moves_, point.name) == moves_.end()) moves_.push_back(point.name);
        return Verdict::keep;
    }
    // The next round checks the job again, under the new type.
    if (widens(*attribute, point)) {
        add_once(change_.widen, attribute->id);
        return Verdict::keep;
    }
    auto refusal = check_value(batch, point, *attribute, max_value_bytes_);
    if (refusal) return refuse(std::move(*refusal));
    if (!attribute->in_use) add_once(change_.in_use, attribute->id);
    if (attribute->from_tags && !point.tag) add_once(change_.no_tags, attribute->id);
    return is_wide_int(*attribute, point) ? Verdict::keep_int : Verdict::keep;
}

const storage::Layout* Validator::layout_of(const Batch& batch, std::span<const Point> points) {
    if (last_layout_ != nullptr && key_ == last_key_) return last_layout_;
    std::string bytes(sizeof(std::uint32_t) * key_.size(), '\0');
    std::memcpy(bytes.data(), key_.data(), bytes.size());
    auto [found, added] = layouts_.try_emplace(std::move(bytes), nullptr);
    if (added) {
        set_->layouts.push_back(build_layout(batch, points));
        found->second = &set_->layouts.back();
    }
    last_layout_ = found->second;
    last_key_ = key_;
    return last_layout_;
}

storage::Layout Validator::build_layout(const Batch& batch, std::span<const Point> points) {
    std::vector<storage::Slot> slots;
    std::uint32_t repeated = 0;
    // An attribute has two names while it is being renamed.
    std::unordered_map<std::int32_t, std::size_t> slot_of_attribute;
    for (std::uint32_t i = 0; i < key_.size(); ++i) {
        if (key_[i] == Batch::kNoName) continue;
        const model::Attribute& attribute = *attribute_of(batch, points[i]);
        const Type type = (key_[i] & kIntBit) != 0 ? Type::int64 : attribute.type;
        const storage::Slot slot{i, attribute.id.value, type, attribute.hot, points[i].tag};
        const auto [known, added] = slot_of_attribute.emplace(attribute.id.value, slots.size());
        if (added) {
            slots.push_back(slot);
        } else {
            slots[known->second] = slot;  // given twice: the later value
            ++repeated;
        }
    }
    storage::Layout layout = storage::make_layout(std::move(slots), shapes_);
    layout.repeated = repeated;
    return layout;
}

}  // namespace atlas::ingest
