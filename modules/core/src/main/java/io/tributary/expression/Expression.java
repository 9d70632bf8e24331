package io.tributary.expression;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelBuilder;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelReference;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import io.tributary.change.Column;
import io.tributary.change.TableSchema;
import java.io.Serializable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A condition or a value over the columns of a row, in CEL (<a href="https://cel.dev">cel.dev</a>) with its extensions for strings and
 * numbers, and with {@link Decimals exact decimals}.
 *
 * <p>Each column is a variable of its name; {@code row["Order No"]} has the others too. Integers are {@code int}, floats {@code double},
 * dates and timestamps {@code timestamp}, times of day {@code duration} since midnight, JSON is its text. What is computed of null is
 * null, as SQL has it: {@code &&} and {@code ||} are decided by their other side where they can be. Only {@code ==} and {@code !=} take
 * null for a value.
 *
 * <p>An expression ends: it has no loops but over lists that are there, and no access to anything but the row.
 */
public final class Expression implements Serializable {
    private static final long serialVersionUID = 1;

    /** What a column may be called that is a variable of that name; CEL keeps the others to itself. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private static final Set<String> RESERVED = Set.of(
            "as",
            "break",
            "const",
            "continue",
            "else",
            "false",
            "for",
            "function",
            "if",
            "import",
            "in",
            "let",
            "loop",
            "namespace",
            "null",
            "package",
            "return",
            "true",
            "var",
            "void",
            "while");

    private static final String ROW = "row";
    private static final Pattern PLACE = Pattern.compile("^ERROR: <input>:\\d+:(\\d+): ");
    private static final String CANDIDATES = " (candidates:";

    /** Made when the first expression is read: it takes about a second. */
    private static final class Language {
        static final Cel CEL = create();

        private static Cel create() {
            CelBuilder language = CelFactory.plannerCelBuilder()
                    .setOptions(CelOptions.current()
                            .enableHeterogeneousNumericComparisons(true)
                            .build())
                    .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                    .addCompilerLibraries(CelExtensions.strings(), CelExtensions.math())
                    .addRuntimeLibraries(CelExtensions.strings(), CelExtensions.math());
            Decimals.addTo(language);
            return language.build();
        }
    }

    private final String text;
    private transient @Nullable Map<Long, Object> bySchema;

    private Expression(String text) {
        this.text = text;
    }

    /**
     * Reads an expression, of which it is not known yet whether it suits the columns.
     *
     * @throws IllegalArgumentException if it is none, with the reason as part of a line
     */
    public static Expression parse(String text) {
        try {
            CelAbstractSyntaxTree unused = Language.CEL.parse(text).getAst();
            return new Expression(text);
        } catch (CelValidationException e) {
            throw new IllegalArgumentException(reason(e), e);
        }
    }

    public String text() {
        return text;
    }

    /**
     * The expression for rows of a schema. Of each schema it is made once.
     *
     * @throws ExpressionException if it names a column that there is not, or asks of one what its type does not have
     */
    public BoundExpression bind(TableSchema schema) throws ExpressionException {
        if (bySchema == null) {
            bySchema = new HashMap<>();
        }
        Object known = bySchema.get(schema.id());
        if (known == null) {
            try {
                known = make(schema);
            } catch (ExpressionException e) {
                known = e;
            }
            bySchema.put(schema.id(), known);
        }
        if (known instanceof ExpressionException failure) {
            throw failure;
        }
        return (BoundExpression) known;
    }

    private BoundExpression make(TableSchema schema) throws ExpressionException {
        CelBuilder language = Language.CEL.toCelBuilder();
        boolean isRowFree = schema.indexOf(ROW) < 0;
        if (isRowFree) {
            language.addVar(ROW, MapType.create(SimpleType.STRING, SimpleType.DYN));
        }
        for (Column column : schema.columns()) {
            if (NAME.matcher(column.name()).matches() && !RESERVED.contains(column.name())) {
                language.addVar(column.name(), Values.typeOf(column.type()));
            }
        }
        Cel cel = language.build();
        try {
            CelAbstractSyntaxTree tree = cel.compile(text).getAst();
            Set<String> names = new HashSet<>();
            for (CelReference reference : tree.getReferenceMap().values()) {
                names.add(reference.name());
            }
            return new BoundExpression(
                    schema,
                    names,
                    isRowFree && names.contains(ROW) ? ROW : "",
                    tree.getResultType(),
                    cel.createProgram(tree));
        } catch (CelValidationException e) {
            throw new ExpressionException(reason(e));
        } catch (CelEvaluationException e) {
            throw new ExpressionException(String.valueOf(e.getMessage()));
        }
    }

    /** The first of the library's messages, in one line and without all that it might have been. */
    private static String reason(CelValidationException failure) {
        String first = String.valueOf(failure.getMessage()).lines().findFirst().orElse("it is no expression");
        int candidates = first.indexOf(CANDIDATES);
        String whole = candidates < 0 ? first : first.substring(0, candidates);
        return PLACE.matcher(whole).replaceFirst("at character $1: ");
    }

    @Override
    public String toString() {
        return text;
    }
}
