// SPDX-License-Identifier: Apache-2.0
//
// Typed options. Each is declared once, as a member of Config, with name, default, range and one
// sentence; file, environment, flags, `atlas config print` and docs/configuration.md follow from
// it.
//
// Lifetime   options are members of the table they enter themselves in; neither moves.
// Threading  set during start-up by one thread; read by any afterwards.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace atlas::config {

class Option;

// All options of a program, in the order of their declaration.
class OptionTable {
public:
    OptionTable() = default;
    OptionTable(const OptionTable&) = delete;
    OptionTable& operator=(const OptionTable&) = delete;

    const std::vector<Option*>& options() const { return options_; }
    Option* find(std::string_view name) const;

private:
    friend class Option;
    std::vector<Option*> options_;
};

// Where a value came from, in rising order.
enum class Source : std::uint8_t { built_in, file, environment, flag };
std::string_view to_string(Source source);

enum class Kind : std::uint8_t { text, integer, boolean, duration, choice, list };

class Option {
public:
    Option(OptionTable& table, Kind kind, std::string name, std::string doc);
    virtual ~Option() = default;
    Option(const Option&) = delete;
    Option& operator=(const Option&) = delete;

    const std::string& name() const { return name_; }  // "ingest.oldest"
    std::string env_name() const;                      // "ATLAS_INGEST_OLDEST"
    const std::string& doc() const { return doc_; }
    Kind kind() const { return kind_; }
    Source source() const { return source_; }

    // The failure says why the text is invalid; the value stays as it was.
    Result<void, std::string> set(std::string_view text, Source source);

    virtual std::string value_text() const = 0;
    virtual std::string default_text() const = 0;
    virtual std::string type_text() const = 0;  // with its range: "an integer, 1 to 1000"

protected:
    virtual Result<void, std::string> parse(std::string_view text) = 0;

private:
    const std::string name_;
    const std::string doc_;
    const Kind kind_;
    Source source_ = Source::built_in;
};

class TextOption final : public Option {
public:
    TextOption(OptionTable& table, std::string name, std::string value, std::string doc)
        : Option(table, Kind::text, std::move(name), std::move(doc)),
          default_(value),
          value_(std::move(value)) {}

    const std::string& operator()() const { return value_; }
    std::string value_text() const override { return value_; }
    std::string default_text() const override { return default_; }
    std::string type_text() const override { return "text"; }

private:
    Result<void, std::string> parse(std::string_view text) override;
    const std::string default_;
    std::string value_;
};

class IntOption final : public Option {
public:
    IntOption(OptionTable& table, std::string name, std::int64_t value, std::int64_t least,
              std::int64_t most, std::string doc)
        : Option(table, Kind::integer, std::move(name), std::move(doc)),
          default_(value),
          least_(least),
          most_(most),
          value_(value) {}

    std::int64_t operator()() const { return value_; }
    std::string value_text() const override;
    std::string default_text() const override;
    std::string type_text() const override;

private:
    Result<void, std::string> parse(std::string_view text) override;
    const std::int64_t default_;
    const std::int64_t least_;
    const std::int64_t most_;
    std::int64_t value_;
};

class BoolOption final : public Option {
public:
    BoolOption(OptionTable& table, std::string name, bool value, std::string doc)
        : Option(table, Kind::boolean, std::move(name), std::move(doc)),
          default_(value),
          value_(value) {}

    bool operator()() const { return value_; }
    std::string value_text() const override { return value_ ? "true" : "false"; }
    std::string default_text() const override { return default_ ? "true" : "false"; }
    std::string type_text() const override { return "true or false"; }

private:
    Result<void, std::string> parse(std::string_view text) override;
    const bool default_;
    bool value_;
};

// "250ms", "5s", "10m", "2h", "7d"; "0s" often means off, the doc says so.
class DurationOption final : public Option {
public:
    using Millis = std::chrono::milliseconds;
    DurationOption(OptionTable& table, std::string name, Millis value, Millis least, Millis most,
                   std::string doc)
        : Option(table, Kind::duration, std::move(name), std::move(doc)),
          default_(value),
          least_(least),
          most_(most),
          value_(value) {}

    Millis operator()() const { return value_; }
    std::string value_text() const override;
    std::string default_text() const override;
    std::string type_text() const override;

private:
    Result<void, std::string> parse(std::string_view text) override;
    const Millis default_;
    const Millis least_;
    const Millis most_;
    Millis value_;
};

class ChoiceOption final : public Option {
public:
    ChoiceOption(OptionTable& table, std::string name, std::string value,
                 std::vector<std::string> choices, std::string doc)
        : Option(table, Kind::choice, std::move(name), std::move(doc)),
          default_(value),
          choices_(std::move(choices)),
          value_(std::move(value)) {}

    const std::string& operator()() const { return value_; }
    std::string value_text() const override { return value_; }
    std::string default_text() const override { return default_; }
    std::string type_text() const override;

private:
    Result<void, std::string> parse(std::string_view text) override;
    const std::string default_;
    const std::vector<std::string> choices_;
    std::string value_;
};

// Some of several words, in the order given: "gateway,jobs".
class ListOption final : public Option {
public:
    using Words = std::vector<std::string>;
    ListOption(OptionTable& table, std::string name, Words value, Words choices, std::string doc)
        : Option(table, Kind::list, std::move(name), std::move(doc)),
          default_(value),
          choices_(std::move(choices)),
          value_(std::move(value)) {}

    const Words& operator()() const { return value_; }
    const Words& choices() const { return choices_; }
    std::string value_text() const override;
    std::string default_text() const override;
    std::string type_text() const override;

private:
    Result<void, std::string> parse(std::string_view text) override;
    const Words default_;
    const Words choices_;
    Words value_;
};

// "7d", "90s", "1500ms": the longest unit that divides it.
std::string format_duration(std::chrono::milliseconds duration);

}  // namespace atlas::config
