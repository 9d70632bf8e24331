package io.tributary.expression;

import dev.cel.bundle.CelBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Exact decimals, which CEL has not: a type of its own, with the operators and what makes others of it.
 *
 * <p>A double beside a decimal is what it is written as: {@code amount * 0.92} is exact. A quotient has 34 digits. Equal ones are equal
 * whatever their zeros: each is held without those at its end.
 */
final class Decimals {
    static final OpaqueType TYPE = OpaqueType.create("decimal");

    /** Digits before and behind the point: a text must not ask for a number that no memory holds. */
    private static final int MOST_DIGITS = 1000;

    private static final int DIGITS_OF_INT = 19;

    /** The language knows them for its own types, and tells by these which one is meant. */
    private static final Set<String> OF_THE_LANGUAGE = Set.of("-_", "string", "double", "int");

    private static final List<CelType> NUMBERS = List.of(TYPE, SimpleType.INT, SimpleType.DOUBLE);

    private enum Operator {
        LESS("_<_"),
        LESS_OR_EQUAL("_<=_"),
        GREATER("_>_"),
        GREATER_OR_EQUAL("_>=_"),
        ADD("_+_"),
        SUBTRACT("_-_"),
        MULTIPLY("_*_"),
        DIVIDE("_/_");

        private final String symbol;

        Operator(String symbol) {
            this.symbol = symbol;
        }

        boolean compares() {
            return compareTo(ADD) < 0;
        }

        Object of(BigDecimal left, BigDecimal right) throws CelEvaluationException {
            return switch (this) {
                case LESS -> left.compareTo(right) < 0;
                case LESS_OR_EQUAL -> left.compareTo(right) <= 0;
                case GREATER -> left.compareTo(right) > 0;
                case GREATER_OR_EQUAL -> left.compareTo(right) >= 0;
                case ADD -> held(left.add(right));
                case SUBTRACT -> held(left.subtract(right));
                case MULTIPLY -> held(left.multiply(right));
                case DIVIDE -> {
                    if (right.signum() == 0) {
                        throw new CelEvaluationException("/ by zero");
                    }
                    yield held(left.divide(right, MathContext.DECIMAL128));
                }
            };
        }
    }

    private Decimals() {}

    /** A number as expressions hold it: the library takes no number of another class than its own for equal to any. */
    record Decimal(BigDecimal value) {}

    /** The value as expressions hold it. */
    static Decimal held(BigDecimal value) throws CelEvaluationException {
        if (value.signum() == 0) {
            return new Decimal(BigDecimal.ZERO);
        }
        if (Math.abs((long) value.scale()) > MOST_DIGITS || value.precision() > MOST_DIGITS) {
            throw tooLong();
        }
        return new Decimal(value.stripTrailingZeros());
    }

    static void addTo(CelBuilder language) {
        for (Operator operator : Operator.values()) {
            List<CelOverloadDecl> overloads = new ArrayList<>();
            List<CelFunctionBinding> bindings = new ArrayList<>();
            for (CelType left : NUMBERS) {
                for (CelType right : NUMBERS) {
                    if (left == TYPE || right == TYPE) {
                        String id = "decimal_" + operator + "_" + left.name() + "_" + right.name();
                        overloads.add(CelOverloadDecl.newGlobalOverload(
                                id, operator.compares() ? SimpleType.BOOL : TYPE, left, right));
                        bindings.add(CelFunctionBinding.from(
                                id,
                                List.of(javaType(left), javaType(right)),
                                arguments -> operator.of(of(arguments[0]), of(arguments[1]))));
                    }
                }
            }
            add(language, operator.symbol, overloads, bindings);
        }
        add(
                language,
                "-_",
                List.of(CelOverloadDecl.newGlobalOverload("decimal_negate", TYPE, TYPE)),
                List.of(CelFunctionBinding.from("decimal_negate", Decimal.class, of -> held(of.value.negate()))));
        add(
                language,
                "decimal",
                List.of(
                        CelOverloadDecl.newGlobalOverload("decimal_of_string", TYPE, SimpleType.STRING),
                        CelOverloadDecl.newGlobalOverload("decimal_of_int", TYPE, SimpleType.INT),
                        CelOverloadDecl.newGlobalOverload("decimal_of_double", TYPE, SimpleType.DOUBLE)),
                List.of(
                        CelFunctionBinding.from("decimal_of_string", String.class, Decimals::parse),
                        CelFunctionBinding.from("decimal_of_int", Long.class, number -> held(of(number))),
                        CelFunctionBinding.from("decimal_of_double", Double.class, number -> held(of(number)))));
        add(
                language,
                "string",
                List.of(CelOverloadDecl.newGlobalOverload("decimal_to_string", SimpleType.STRING, TYPE)),
                List.of(CelFunctionBinding.from("decimal_to_string", Decimal.class, of -> of.value.toPlainString())));
        add(
                language,
                "double",
                List.of(CelOverloadDecl.newGlobalOverload("decimal_to_double", SimpleType.DOUBLE, TYPE)),
                List.of(CelFunctionBinding.from("decimal_to_double", Decimal.class, of -> of.value.doubleValue())));
        add(
                language,
                "int",
                List.of(CelOverloadDecl.newGlobalOverload("decimal_to_int", SimpleType.INT, TYPE)),
                List.of(CelFunctionBinding.from("decimal_to_int", Decimal.class, of -> toInt(of.value))));
    }

    private static void add(
            CelBuilder language, String function, List<CelOverloadDecl> overloads, List<CelFunctionBinding> bindings) {
        language.addFunctionDeclarations(CelFunctionDecl.newFunctionDeclaration(function, overloads));
        language.addFunctionBindings(
                OF_THE_LANGUAGE.contains(function) ? bindings : CelFunctionBinding.fromOverloads(function, bindings));
    }

    private static Class<?> javaType(CelType type) {
        return type == TYPE ? Decimal.class : type == SimpleType.INT ? Long.class : Double.class;
    }

    private static BigDecimal of(Object number) throws CelEvaluationException {
        if (number instanceof Decimal decimal) {
            return decimal.value;
        }
        if (number instanceof Long whole) {
            return BigDecimal.valueOf(whole);
        }
        double real = (Double) number;
        if (!Double.isFinite(real)) {
            throw new CelEvaluationException(real + " is no decimal");
        }
        return BigDecimal.valueOf(real);
    }

    private static Decimal parse(String text) throws CelEvaluationException {
        String number = text.strip();
        if (number.length() > MOST_DIGITS) {
            throw tooLong();
        }
        try {
            return held(new BigDecimal(number));
        } catch (NumberFormatException e) {
            throw new CelEvaluationException("the text is no decimal");
        }
    }

    private static int whole(BigDecimal value) {
        return value.precision() - value.scale();
    }

    private static Object toInt(BigDecimal value) throws CelEvaluationException {
        if (whole(value) > DIGITS_OF_INT) {
            throw new CelEvaluationException("the decimal is beyond an int");
        }
        try {
            return value.setScale(0, RoundingMode.DOWN).longValueExact();
        } catch (ArithmeticException e) {
            throw new CelEvaluationException("the decimal is beyond an int");
        }
    }

    private static CelEvaluationException tooLong() {
        return new CelEvaluationException("a decimal has at most " + MOST_DIGITS + " digits");
    }
}
