// SPDX-License-Identifier: Apache-2.0
//
// What a transaction writes, case by case.
//
// Method: stored observations and entity states, written as text, are the database that the plan
// asks; the transcript has everything it asks for and every decision. Times are seconds of
// 1970-01-01.
//
//     state      a newest=20 day=0 s=on@10!    value, instant, "!" when known to be the latest
//     stored     a@20 s=on x=5
//     arrivals   a@20 s=off #site=berlin       "#": a tag; "--" begins the next part
#include "ingest/commit/commit_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <list>
#include <optional>
#include <sstream>

#include "ingest/commit/hot_value.h"
#include "pg/copy_binary.h"

namespace atlas::ingest {
namespace {

using model::Group;
using model::Type;
using Lines = std::vector<std::string>;

constexpr TenantId kTenant{2};
constexpr std::int64_t kSecond = 1'000'000;

model::TenantCatalogPtr catalog() {
    const auto attribute = [](int id, const char* name, Type type, bool hot) {
        model::Attribute one;
        one.id = AttributeId{id};
        one.name = name;
        one.type = type;
        one.hot = hot;
        return one;
    };
    static const auto all = std::make_shared<const model::TenantCatalog>(
        kTenant, 1, 1, true,
        std::vector{attribute(1, "s", Type::string, true), attribute(2, "t", Type::string, true),
                    attribute(3, "x", Type::int64, false), attribute(4, "y", Type::int64, false),
                    attribute(5, "site", Type::string, true)});
    return all;
}

const Clock& test_clock() {
    static const SystemClock clock;
    return clock;
}

Lines words(const std::string& line) {
    std::istringstream in(line);
    return {std::istream_iterator<std::string>(in), {}};
}

std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// "s=on" → {s, on}
std::pair<std::string, std::string> split(const std::string& word, char at) {
    const auto place = word.find(at);
    return {word.substr(0, place), word.substr(place + 1)};
}

EntityId entity_of(char letter) {
    return EntityId{64 + (letter - 'a')};
}
char letter_of(EntityId entity) {
    return static_cast<char>('a' + (entity.value - 64));
}
std::uint64_t tags_hash(std::string_view tags) {
    return std::hash<std::string_view>{}(tags) | 1U;
}
const model::Attribute& attribute_of(std::string_view name) {
    return *catalog()->find(name);
}

struct Item {  // a line of arrivals, or a stored observation
    explicit Item(const std::string& line) {
        Lines all = words(line);
        entity = all.front().front();
        seconds = number(split(all.front(), '@').second);
        for (std::size_t i = 1; i < all.size(); ++i) {
            if (all[i] == "identity") {
                identity = true;
                continue;
            }
            const bool tag = all[i].starts_with('#');
            const auto [name, value] = split(all[i].substr(tag ? 1 : 0), '=');
            values.push_back({name, value, tag});
            if (tag) tags += value;
        }
    }
    Time time() const { return time_from_micros(seconds * kSecond); }
    bool has(std::int32_t attribute) const {
        return std::ranges::any_of(values, [attribute](const Value& value) {
            return attribute_of(value.name).id.value == attribute;
        });
    }

    struct Value {
        std::string name, text;
        bool tag = false;
    };
    char entity = 'a';
    std::int64_t seconds = 0;
    std::vector<Value> values;
    std::string tags;
    bool identity = false;
};

Point point_of(Batch& batch, const Item::Value& value) {
    Point point;
    point.tag = value.tag;
    if (value.text == "null") return point;
    if (attribute_of(value.name).type == Type::int64) {
        point.kind = Kind::int64;
        point.payload = static_cast<std::uint64_t>(number(value.text));
    } else {
        point.kind = Kind::string;
        point.payload = pack(batch.keep(value.text));
    }
    return point;
}

std::string text_of(const Row& row, const storage::Slot& slot) {
    const Point& point = row.point(slot);
    if (point.kind == Kind::null) return "null";
    if (point.kind == Kind::int64) return fmt::format("{}", point.payload);
    return std::string(row.batch->text(unpack_text(point.payload)));
}

std::string text_of(const Row& row) {
    std::string out =
        fmt::format("{}@{}", letter_of(row.entity), to_micros(row.observed_at) / kSecond);
    for (const storage::Slot& slot : row.layout->slots) {
        out += fmt::format(" {}={}", catalog()->find(AttributeId{slot.attribute})->name,
                           text_of(row, slot));
    }
    return out;
}

// "a newest=20 day=0 s=on@10! retired tags=berlin"; a value of "-": removed.
EntityState state_of(const std::string& line) {
    EntityState state;
    state.entity = entity_of(line.front());
    Batch batch{""};
    for (const std::string& word : words(line.substr(1))) {
        const auto [name, value] = split(word, '=');
        if (name == "retired") state.deleted = true;
        if (name == "newest") state.newest_us = number(value) * kSecond;
        if (name == "day") state.last_day = static_cast<std::int32_t>(number(value));
        if (name == "tags") state.tags_hash = tags_hash(value);
        const model::Attribute* attribute = catalog()->find(name);
        if (attribute == nullptr) continue;
        const auto [text, at] = split(value, '@');
        const Point point = point_of(batch, {name, text == "-" ? "null" : text});
        state.hot.push_back({fingerprint(batch, point, attribute->type), number(at) * kSecond,
                             attribute->id.value, at.ends_with('!')});
    }
    return state;
}

std::string text_of(const EntityState& state) {
    std::string out = fmt::format("{} newest={} day={}", letter_of(state.entity),
                                  state.newest_us / kSecond, state.last_day);
    for (const HotValue& hot : state.hot) {
        out += fmt::format(" {}@{}{}", catalog()->find(AttributeId{hot.attribute})->name,
                           hot.observed_us / kSecond, hot.exact ? "!" : "");
    }
    return out;
}

// The bytes of an array as PostgreSQL sends them, which are those of COPY without their length.
template <class Append>
std::string array_of(std::uint32_t oid, std::size_t size, Append append) {
    if (size == 0) return {};
    std::string bytes;
    pg::CopyWriter writer(bytes);
    writer.begin_array(oid, size);
    append(writer);
    writer.end_array();
    return bytes.substr(4);
}

storage::StoredObservation stored_of(std::size_t place, const Item& item) {
    std::vector<Item::Value> ints;
    std::vector<Item::Value> texts;
    for (const Item::Value& value : item.values) {
        (attribute_of(value.name).type == Type::int64 ? ints : texts).push_back(value);
    }
    const std::string attributes =
        array_of(pg::kInt4Oid, item.values.size(), [&](pg::CopyWriter& writer) {
            for (const auto* group : {&ints, &texts}) {
                for (const auto& value : *group) {
                    writer.element_int4(attribute_of(value.name).id.value);
                }
            }
        });
    const std::string int_values = array_of(pg::kInt8Oid, ints.size(), [&](pg::CopyWriter& writer) {
        for (const auto& value : ints) writer.element_int8(number(value.text));
    });
    const std::string text_values =
        array_of(pg::kTextOid, texts.size(), [&](pg::CopyWriter& writer) {
            for (const auto& value : texts) {
                if (value.text == "null") {
                    writer.element_null();
                } else {
                    writer.element_text(value.text);
                }
            }
        });
    return {place, std::array<std::string_view, storage::StoredObservation::kCells>{
                       attributes, int_values, "", "", text_values}};
}

// The database and the parts of one transaction.
class World {
public:
    World(const Lines& states, const Lines& stored) {
        for (const std::string& line : states) states_.push_back(state_of(line));
        for (const std::string& line : stored) stored_.emplace_back(line);
    }

    void add_part(const Lines& lines, bool atomic = false) {
        WriteRequest request;
        request.tenant = kTenant;
        request.atomic = atomic;
        request.done = [this](WriteOutcome outcome) { outcomes.push_back(std::move(outcome)); };
        auto job = std::make_shared<Job>(std::move(request));
        job->set_parts(1);
        auto layouts = std::make_shared<LayoutSet>();
        layouts->catalog = catalog();
        Part part{job, nullptr, {}};
        for (const std::string& line : lines)
            part.rows.push_back(row_of(Item(line), *job, *layouts));
        part.layouts = std::move(layouts);
        parts.push_back(std::move(part));
    }

    // Everything between begin() and settle(); false when the transaction ends before.
    bool run(CommitPlan& plan) {
        plan.begin(parts);
        fill_states(plan);
        refused = plan.drop_retired();
        if (!refused.empty()) return false;
        plan.drop_known_tags();
        search(plan);
        read_existing(plan);
        if (!plan.fits()) return false;
        plan.decide();
        note_decisions(plan);
        return true;
    }

    std::vector<Part> parts;
    std::vector<WriteOutcome> outcomes;
    std::vector<std::size_t> refused;
    Lines transcript;

private:
    Row row_of(const Item& item, Job& job, LayoutSet& set) {
        Batch& batch = job.batch;
        Observation observation;
        observation.entity = batch.keep(std::string(1, item.entity));
        observation.observed_at = item.time();
        observation.first_point = static_cast<std::uint32_t>(batch.points().size());
        observation.points = static_cast<std::uint32_t>(item.values.size());
        observation.index = static_cast<std::uint32_t>(batch.observations().size());
        observation.tags_hash = item.tags.empty() ? 0 : tags_hash(item.tags);
        observation.tags_are_identity = item.identity;
        std::vector<storage::Slot> slots;
        for (const Item::Value& value : item.values) {
            const model::Attribute& attribute = attribute_of(value.name);
            slots.push_back({static_cast<std::uint32_t>(slots.size()), attribute.id.value,
                             attribute.type, attribute.hot, value.tag});
            batch.add(point_of(batch, value));
        }
        batch.add(observation);
        set.layouts.push_back(storage::make_layout(std::move(slots), shapes_));
        Row row;
        row.tenant = kTenant;
        row.entity = entity_of(item.entity);
        row.observed_at = item.time();
        row.batch = &batch;
        row.layout = &set.layouts.back();
        row.first_point = observation.first_point;
        row.observation = observation.index;
        return row;
    }

    void fill_states(CommitPlan& plan) {
        for (CommitPlan::Group& group : plan.groups()) {
            group.state.entity = group.key.entity;
            const auto known = std::ranges::find(states_, group.key.entity, &EntityState::entity);
            if (known != states_.end()) group.state = *known;
        }
        for (const auto& [day, places] : plan.days_to_read()) {
            for (const std::size_t place : places) {
                const char entity = letter_of(plan.groups()[place].key.entity);
                transcript.push_back(fmt::format("newest of {} on day {}?", entity, day));
                std::int64_t newest = EntityState::kNever;
                for (const Item& item : stored_) {
                    if (item.entity != entity || item.seconds / 86400 != day) continue;
                    newest = std::max(newest, item.seconds * kSecond);
                }
                plan.set_newest(place, newest);
            }
        }
    }

    void search(CommitPlan& plan) {
        std::vector<std::int64_t> later;
        for (const AttributeSearch& search : plan.searches()) {
            transcript.push_back(fmt::format(
                "{} of {} after {}?", catalog()->find(AttributeId{search.attribute})->name,
                letter_of(search.key.entity), to_micros(search.after) / kSecond));
            later.push_back(EntityState::kNever);
            for (const Item& item : stored_) {
                if (item.entity != letter_of(search.key.entity) || item.time() <= search.after ||
                    !item.has(search.attribute)) {
                    continue;
                }
                later.back() = std::max(later.back(), item.seconds * kSecond);
            }
        }
        plan.add_later(later);
    }

    void read_existing(CommitPlan& plan) {
        const auto keys = plan.keys_to_read();
        for (std::size_t place = 0; place < keys.size(); ++place) {
            const char entity = letter_of(keys[place].key.entity);
            transcript.push_back(
                fmt::format("{}@{}?", entity, to_micros(keys[place].observed_at) / kSecond));
            for (const Item& item : stored_) {
                if (item.entity != entity || item.time() != keys[place].observed_at) continue;
                if (!plan.add_existing(stored_of(place, item))) return;
            }
        }
    }

    void note_decisions(const CommitPlan& plan) {
        for (const Row& row : plan.new_rows()) transcript.push_back("new " + text_of(row));
        for (const Row& row : plan.merged_rows()) transcript.push_back("merged " + text_of(row));
        const HotChanges::Values& hot = plan.hot().values();
        for (std::size_t i = 0; i < hot.entities.size(); ++i) {
            transcript.push_back(fmt::format("hot {} {} {} {} day {}",
                                             letter_of(EntityId{hot.entities[i]}), hot.changed[i],
                                             hot.removed[i], hot.hot_at[i], hot.days[i]));
        }
        const HotChanges::Days& days = plan.hot().days();
        for (std::size_t i = 0; i < days.entities.size(); ++i) {
            transcript.push_back(
                fmt::format("day {} of {}", days.days[i], letter_of(EntityId{days.entities[i]})));
        }
    }

    storage::ShapeRegistry shapes_{test_clock()};
    std::vector<EntityState> states_;
    std::list<Item> stored_;
};

struct Case {
    const char* name;
    Lines states, stored, arrivals, expected;
};

void add_parts(World& world, const Lines& arrivals) {
    Lines lines;
    for (const std::string& line : arrivals) {
        if (line != "--") {
            lines.push_back(line);
            continue;
        }
        world.add_part(std::exchange(lines, {}));
    }
    world.add_part(lines);
}

std::string joined(const Lines& lines) {
    return fmt::format("{}\n", fmt::join(lines, "\n"));
}

void check(std::span<const Case> cases) {
    storage::ShapeRegistry shapes(test_clock());
    CommitPlan plan(shapes);  // one for all, as a writer has it
    for (const Case& one : cases) {
        SCOPED_TRACE(one.name);
        World world(one.states, one.stored);
        add_parts(world, one.arrivals);
        EXPECT_TRUE(world.run(plan));
        EXPECT_EQ(joined(world.transcript), joined(one.expected));
        plan.clear();
    }
}

TEST(CommitPlan, ChangedHotValuesAreWritten) {
    const Case cases[] = {
        {"a new entity",
         {},
         {},
         {"a@10 s=on x=5"},
         {"new a@10 x=5 s=on", R"(hot a {"s":"on"} {} {"s":10000000} day 0)"}},
        {"an unchanged value", {"a newest=5 day=0 s=on@5!"}, {}, {"a@10 s=on"}, {"new a@10 s=on"}},
        {"an unchanged value on a later day",
         {"a newest=5 day=0 s=on@5!"},
         {},
         {"a@86410 s=on"},
         {"new a@86410 s=on", "day 1 of a"}},
        {"a value that did not change since it was read from the database",
         {"a day=0 s=on@5"},
         {"a@5 s=on"},
         {"a@86410 s=on x=1"},
         {"new a@86410 x=1 s=on", "day 1 of a"}},
        {"the last of several values",
         {"a newest=5 day=0 s=on@5!"},
         {},
         {"a@10 s=off", "a@20 s=idle t=x", "a@30 x=1"},
         {"new a@10 s=off", "new a@20 s=idle t=x", "new a@30 x=1",
          R"(hot a {"s":"idle","t":"x"} {} {"s":20000000,"t":20000000} day 0)"}},
        {"a null removes",
         {"a newest=5 day=0 s=on@5! t=x@5!"},
         {},
         {"a@10 s=null t=y"},
         {"new a@10 s=null t=y", R"(hot a {"t":"y"} {"s"} {"s":10000000,"t":10000000} day 0)"}},
        {"a value that was removed is removed again",
         {"a newest=5 day=0 s=-@5!"},
         {},
         {"a@10 s=null"},
         {"new a@10 s=null"}},
        {"several entities and parts, by day and key",
         {},
         {},
         {"b@86400 x=1", "b@10 x=2", "--", "a@86400 s=on", "a@10 x=3"},
         {"new a@10 x=3", "new b@10 x=2", "new a@86400 s=on", "new b@86400 x=1",
          R"(hot a {"s":"on"} {} {"s":86400000000} day 1)", "day 1 of b"}},
    };
    check(cases);
}

TEST(CommitPlan, ALateValueCountsOnlyIfNoLaterOneDoes) {
    const Case cases[] = {
        {"older than the latest",
         {"a newest=20 day=0 s=on@20!"},
         {"a@20 s=on"},
         {"a@10 s=off"},
         {"a@10?", "new a@10 s=off"}},
        {"older than a value that may not be the latest",
         {"a newest=20 day=0 s=on@15"},
         {"a@20 x=1"},
         {"a@10 s=off"},
         {"a@10?", "new a@10 s=off"}},
        {"the same value",
         {"a newest=20 day=0 s=on@5"},
         {"a@20 s=on"},
         {"a@10 s=on"},
         {"a@10?", "new a@10 s=on"}},
        {"a later repetition is in history only",
         {"a newest=20 day=0 s=on@5"},
         {"a@5 s=on", "a@20 s=on"},
         {"a@10 s=off"},
         {"s of a after 5?", "a@10?", "new a@10 s=off"}},
        {"no repetition",
         {"a newest=20 day=0 s=on@5"},
         {"a@5 s=on", "a@20 x=1"},
         {"a@10 s=off"},
         {"s of a after 5?", "a@10?", "new a@10 s=off",
          R"(hot a {"s":"off"} {} {"s":10000000} day 0)"}},
        {"a null of SQL, which leaves no trace in the state",
         {"a newest=20 day=0"},
         {"a@20 t=null"},
         {"a@10 t=x"},
         {"t of a after 10?", "a@10?", "new a@10 t=x"}},
        {"one search for an attribute, from what is known, for several rows",
         {"a newest=20 day=0 s=on@5"},
         {"a@20 x=1"},
         {"a@12 s=off", "a@10 s=idle"},
         {"s of a after 5?", "a@12?", "a@10?", "new a@10 s=idle", "new a@12 s=off",
          R"(hot a {"s":"off"} {} {"s":12000000} day 0)"}},
        {"late among the rows of the transaction",
         {"a newest=5 day=0 s=on@5!"},
         {},
         {"a@20 s=off", "a@10 s=idle"},
         {"new a@10 s=idle", "new a@20 s=off", R"(hot a {"s":"off"} {} {"s":20000000} day 0)"}},
    };
    check(cases);
}

TEST(CommitPlan, TheNewestInstantIsReadWhereItMatters) {
    const Case cases[] = {
        {"a row of the entity's last day",
         {"a day=0 s=on@5"},
         {"a@5 s=on", "a@8 x=1"},
         {"a@10 s=on"},
         {"newest of a on day 0?", "new a@10 s=on"}},
        {"a row of an earlier day",
         {"a day=1"},
         {"a@86400 x=1"},
         {"a@10 x=2"},
         {"newest of a on day 1?", "a@10?", "new a@10 x=2"}},
        {"the earliest of its rows is of that day",
         {"a day=0"},
         {"a@5 x=1"},
         {"a@86400 x=2", "a@5 x=3"},
         {"newest of a on day 0?", "a@5?", "new a@86400 x=2", "merged a@5 x=3", "day 1 of a"}},
        {"rows of later days only",
         {"a day=0"},
         {"a@5 x=1"},
         {"a@86400 x=2"},
         {"new a@86400 x=2", "day 1 of a"}},
        {"the day was dropped: any row of it or before may meet one",
         {"a day=1"},
         {"a@10 x=1"},
         {"a@10 y=2"},
         {"newest of a on day 1?", "a@10?", "merged a@10 x=1 y=2"}},
    };
    check(cases);
}

TEST(CommitPlan, TheSameInstantMergesInTheOrderOfArrival) {
    const Case cases[] = {
        {"two rows of the transaction",
         {},
         {},
         {"a@10 s=one x=1", "a@10 y=2 s=two"},
         {"new a@10 x=1 y=2 s=two", R"(hot a {"s":"two"} {} {"s":10000000} day 0)"}},
        {"of two parts, with others between",
         {},
         {},
         {"a@10 x=1", "b@10 x=1", "a@9 x=7", "--", "a@10 x=2", "b@10 x=3"},
         {"new a@9 x=7", "new a@10 x=2", "new b@10 x=3", "day 0 of a", "day 0 of b"}},
        {"a stored one comes first",
         {"a newest=10 day=0 s=one@10!"},
         {"a@10 s=one x=1"},
         {"a@10 s=two y=2"},
         {"a@10?", "merged a@10 x=1 y=2 s=two", R"(hot a {"s":"two"} {} {"s":10000000} day 0)"}},
        {"two rows and a stored one: asked for once",
         {"a newest=10 day=0"},
         {"a@10 x=1"},
         {"a@10 x=2", "a@10 x=3", "a@11 x=4"},
         {"a@10?", "new a@11 x=4", "merged a@10 x=3"}},
        {"a null replaces a value",
         {"a newest=10 day=0 s=one@10!"},
         {"a@10 s=one"},
         {"a@10 s=null"},
         {"a@10?", "merged a@10 s=null", R"(hot a {} {"s"} {"s":10000000} day 0)"}},
        {"what is stored already is not written",
         {"a newest=10 day=0 s=one@10!"},
         {"a@10 s=one x=1"},
         {"a@10 x=1", "a@10 s=one"},
         {"a@10?"}},
        {"nothing of the transaction before is left",
         {},
         {},
         {"a@10 x=1"},
         {"new a@10 x=1", "day 0 of a"}},
    };
    check(cases);
}

TEST(CommitPlan, TagsAreWrittenWhenTheyChange) {
    const Case cases[] = {
        {"the first line",
         {},
         {},
         {"a@10 #site=berlin x=1", "a@11 #site=berlin x=2"},
         {"new a@10 x=1 site=berlin", "new a@11 x=2",
          R"(hot a {"site":"berlin"} {} {"site":10000000} day 0)"}},
        {"known tags",
         {"a newest=5 day=0 tags=berlin site=berlin@5"},
         {},
         {"a@10 #site=berlin x=1"},
         {"new a@10 x=1"}},
        {"other tags",
         {"a newest=5 day=0 tags=berlin site=berlin@5"},
         {},
         {"a@10 #site=rome x=1"},
         {"new a@10 x=1 site=rome", R"(hot a {"site":"rome"} {} {"site":10000000} day 0)"}},
        {"late tags belong to their instant, and differing ones make the next line write its own",
         {"a newest=20 day=0 tags=berlin site=berlin@20!"},
         {},
         {"a@10 #site=rome x=1", "a@30 #site=berlin x=2"},
         {"a@10?", "new a@10 x=1 site=rome", "new a@30 x=2 site=berlin"}},
        {"a text without tags may be the value of one",
         {"a newest=5 day=0 tags=berlin site=berlin@5! t=x@5!"},
         {},
         {"a@10 t=x", "a@20 #site=berlin x=1"},
         {"new a@10 t=x", "new a@20 x=1 site=berlin"}},
        {"a number without tags is not",
         {"a newest=5 day=0 tags=berlin site=berlin@5"},
         {},
         {"a@10 x=1", "a@20 #site=berlin x=2"},
         {"new a@10 x=1", "new a@20 x=2"}},
        {"tags that name the entity are written once",
         {},
         {},
         {"a@10 #site=berlin x=1 identity", "a@9 #site=berlin x=2 identity"},
         {"new a@9 x=2", "new a@10 x=1 site=berlin",
          R"(hot a {"site":"berlin"} {} {"site":10000000} day 0)"}},
        {"tags that name an entity that has reported",
         {"a day=0"},
         {"a@5 x=1"},
         {"a@10 #site=berlin x=1 identity"},
         {"newest of a on day 0?", "new a@10 x=1"}},
        {"a line of nothing else",
         {"a newest=5 day=0 tags=berlin site=berlin@5"},
         {},
         {"a@10 #site=berlin"},
         {"new a@10 site=berlin"}},
    };
    check(cases);
}

TEST(CommitPlan, RowsOfARetiredEntityAreRefusedAndTheRestIsWritten) {
    const Case cases[] = {
        {"one of two",
         {"a retired", "b newest=5 day=0"},
         {},
         {"a@10 s=on", "b@10 x=1", "--", "a@11 x=2"},
         {"new b@10 x=1"}},
        {"all", {"a retired"}, {}, {"a@10 s=on"}, {}},
    };
    check(cases);
}

TEST(CommitPlan, AnAtomicPartWithARetiredEntityEndsTheTransaction) {
    storage::ShapeRegistry shapes(test_clock());
    CommitPlan plan(shapes);
    World world({"a retired"}, {});
    world.add_part({"b@10 x=1"});
    world.add_part({"b@11 x=1", "a@10 x=1", "a@11 x=1"}, true);
    world.add_part({"a@12 x=1"});
    world.add_part({"c@10 x=1", "a@13 x=1"}, true);
    EXPECT_FALSE(world.run(plan));
    EXPECT_EQ(world.refused, (std::vector<std::size_t>{1, 3}));
    EXPECT_TRUE(plan.new_rows().empty());
}

// Goal: after the commit each job has its own refusals and counts; only what a later item of the
// same request replaced is overwritten.
TEST(CommitPlan, JobsAreToldWhatBecameOfTheirRows) {
    storage::ShapeRegistry shapes(test_clock());
    CommitPlan plan(shapes);
    World world({"a retired", "c newest=10 day=0"}, {"c@10 x=1"});
    world.add_part({"a@10 x=1 y=1", "b@10 x=1 y=1", "b@10 x=2", "c@10 x=2"});
    world.add_part({"b@10 y=2"});
    ASSERT_TRUE(world.run(plan));
    for (const Part& part : world.parts) EXPECT_EQ(part.job->outcome.refused(), 0U);
    plan.settle();
    for (Part& part : world.parts) part.job->part_committed(LogPosition(1, Lsn{1}));
    ASSERT_EQ(world.outcomes.size(), 2U);
    EXPECT_EQ(world.outcomes[0].accepted, 4U);
    EXPECT_EQ(world.outcomes[0].rejected, 2U);
    EXPECT_EQ(world.outcomes[0].overwritten, 1U);
    ASSERT_EQ(world.outcomes[0].errors.size(), 1U);
    EXPECT_EQ(world.outcomes[0].errors[0].code, ItemCode::entity_deleted);
    EXPECT_EQ(world.outcomes[0].errors[0].entity, "a");
    EXPECT_EQ(world.outcomes[1].accepted, 1U);
    EXPECT_EQ(world.outcomes[1].rejected, 0U);
    EXPECT_EQ(world.outcomes[1].overwritten, 0U);
}

// Goal: the states are afterwards what the database will hold, ready for the cache.
TEST(CommitPlan, StatesFollowTheRows) {
    storage::ShapeRegistry shapes(test_clock());
    CommitPlan plan(shapes);
    World world({"a newest=20 day=0 s=on@5 t=x@20!"}, {"a@5 s=on", "a@20 t=x"});
    world.add_part({"a@10 s=off", "a@86400 t=x", "b@10 x=1"});
    ASSERT_TRUE(world.run(plan));
    Lines states;
    for (const CommitPlan::Group& group : plan.groups()) states.push_back(text_of(group.state));
    EXPECT_EQ(joined(states), "a newest=86400 day=1 s@10! t@86400!\nb newest=10 day=0\n");
}

TEST(CommitPlan, ShardsAreThoseOfAllItsEntities) {
    storage::ShapeRegistry shapes(test_clock());
    CommitPlan plan(shapes);
    World world({"c retired"}, {});
    world.add_part({"a@10 x=1", "c@10 x=1"});
    world.add_part({"b@10 x=1", "a@11 x=1"});
    ASSERT_TRUE(world.run(plan));
    EXPECT_EQ(plan.shards(), 0b111U);
}

// Goal: what is stored at the same instants is bounded: a plan of several rows does not fit, one
// row does whatever it meets, and an atomic part, which cannot be divided, has a bound of its own.
TEST(CommitPlan, MergingTakesBoundedMemory) {
    const std::string text(400, 'x');
    const Lines states = {"a newest=10 day=0", "b newest=10 day=0"};
    const Lines stored = {"a@10 s=" + text, "b@10 s=" + text};
    storage::ShapeRegistry shapes(test_clock());
    CommitPlan plan(shapes, {.existing_bytes = 600, .existing_bytes_atomic = 1200});
    const auto fits = [&](const Lines& arrivals, bool atomic, const Lines& existing) {
        World world(states, existing);
        world.add_part(arrivals, atomic);
        const bool ran = world.run(plan);
        EXPECT_EQ(ran, plan.fits());
        plan.clear();
        return ran;
    };
    EXPECT_FALSE(fits({"a@10 x=1", "b@10 x=1"}, false, stored));
    EXPECT_TRUE(fits({"a@10 x=1", "c@10 x=1"}, false, stored));
    EXPECT_TRUE(fits({"a@10 x=1", "b@10 x=1"}, true, stored));
    const Lines larger = {"a@10 s=" + text + text, "b@10 s=" + text};
    EXPECT_FALSE(fits({"a@10 x=1", "b@10 x=1"}, true, larger));
    EXPECT_FALSE(fits({"a@10 x=1", "c@10 x=1"}, false, larger));
    EXPECT_TRUE(fits({"a@10 x=1"}, false, larger));
}

}  // namespace
}  // namespace atlas::ingest
