package io.tributary.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.tributary.expression.Expression;
import io.tributary.flow.ConfigException;
import io.tributary.validate.Rule;
import io.tributary.validate.Rule.Action;
import io.tributary.validate.Rule.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rules as the pipeline file has them: {@code amount: {number: true, min: {value: 0, then: warn}, then: reject}}.
 */
final class RuleFile {
    private static final String THEN = "then";

    private RuleFile() {}

    /**
     * Reads rules by column.
     *
     * @param where what they are of, in messages
     * @throws ConfigException if a rule is none, or its value is not of its kind
     */
    static List<Rule> of(String where, Map<String, Map<String, JsonNode>> columns) {
        List<Rule> rules = new ArrayList<>();
        columns.forEach((column, checks) -> {
            String place = where + "." + column;
            Action usual = checks.containsKey(THEN) ? action(place + "." + THEN, checks.get(THEN)) : Action.REJECT;
            for (Kind kind : Kind.values()) {
                JsonNode value = checks.get(kind.spelled());
                if (value != null) {
                    Rule rule = rule(place + "." + kind.spelled(), column, kind, usual, value);
                    if (rule != null) {
                        rules.add(rule);
                    }
                }
            }
        });
        return rules;
    }

    /** Reads the rules of one column. */
    static List<Rule> of(String where, String column, JsonNode checks) {
        Map<String, JsonNode> members = new LinkedHashMap<>();
        checks.properties().forEach(check -> members.put(check.getKey(), check.getValue()));
        return of(where, Map.of(column, members));
    }

    /** A rule of a whole row. */
    static Rule condition(String place, JsonNode expression) {
        return new Rule("", Kind.EXPR, Action.REJECT, null, null, null, expression(place, expression));
    }

    private static @Nullable Rule rule(String place, String column, Kind kind, Action usual, JsonNode given) {
        boolean mapping = given.isObject();
        JsonNode value = mapping ? given.path("value") : given;
        Action action = mapping && given.has(THEN) ? action(place + "." + THEN, given.get(THEN)) : usual;
        return switch (kind) {
            case REQUIRED, INTEGER, NUMBER, NOT_IN_THE_FUTURE -> {
                if (!value.isBoolean()) {
                    throw wrong(place, "true or false", value);
                }
                yield value.booleanValue() ? new Rule(column, kind, action, null, null, null) : null;
            }
            case MIN, MAX, MAX_LENGTH -> new Rule(column, kind, action, number(place, value), null, null);
            case IN -> new Rule(column, kind, action, null, texts(place, value), null);
            case PATTERN -> new Rule(column, kind, action, null, null, pattern(place, value));
            case EXPR -> new Rule(column, kind, action, null, null, null, expression(place, value));
        };
    }

    private static BigDecimal number(String place, JsonNode value) {
        if (!value.isNumber()) {
            throw wrong(place, "a number", value);
        }
        return new BigDecimal(value.asText());
    }

    private static Set<String> texts(String place, JsonNode value) {
        if (!value.isArray() || value.isEmpty()) {
            throw wrong(place, "a list of values", value);
        }
        Set<String> texts = new HashSet<>();
        value.forEach(each -> texts.add(each.asText()));
        return texts;
    }

    private static Pattern pattern(String place, JsonNode value) {
        try {
            if (value.isTextual()) {
                return Pattern.compile(value.textValue());
            }
        } catch (PatternSyntaxException e) {
            throw wrong(place, "a regular expression (" + e.getDescription() + ")", value);
        }
        throw wrong(place, "a regular expression", value);
    }

    /** @throws ConfigException if it is none */
    static Expression expression(String place, JsonNode value) {
        if (!value.isTextual()) {
            throw wrong(place, "an expression", value);
        }
        try {
            return Expression.parse(value.textValue());
        } catch (IllegalArgumentException e) {
            throw wrong(place, "an expression (" + e.getMessage() + ")", value);
        }
    }

    private static Action action(String place, JsonNode value) {
        return Arrays.stream(Action.values())
                .filter(action -> action.name().toLowerCase(Locale.ROOT).equals(value.asText()))
                .findFirst()
                .orElseThrow(() -> wrong(place, "reject, warn or null", value));
    }

    private static ConfigException wrong(String place, String wanted, JsonNode value) {
        return new ConfigException("'" + place + "' must be " + wanted + ", got " + value);
    }
}
