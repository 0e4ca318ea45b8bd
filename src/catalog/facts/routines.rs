//! Functions, procedures and aggregates.

use super::found::is_ours;

/// Functions and procedures, each as its whole definition, but for those that a range type brings;
/// aggregates, part by part.
pub(super) fn routines() -> String {
    format!(
        "select 'pg_proc'::regclass::oid::int8, p.oid::int8, 0,
                case p.prokind when 'p' then 'procedure' else 'function' end,
                array[n.nspname, p.proname, oidvectortypes(p.proargtypes)]::text[],
                json_build_object('definition', pg_get_functiondef(p.oid))::text,
                json_strip_nulls(json_build_object(
                    'result', pg_get_function_result(p.oid),
                    'arguments', pg_get_function_arguments(p.oid),
                    'kind', p.prokind))::text,
                pg_get_userbyid(p.proowner)::text
           from pg_proc p
           join pg_namespace n on n.oid = p.pronamespace
          where p.prokind <> 'a' and {ours}
            and not exists (select from pg_depend i where i.classid = 'pg_proc'::regclass
                               and i.objid = p.oid and i.deptype = 'i')
         union all
         select 'pg_proc'::regclass::oid::int8, p.oid::int8, 0, 'aggregate',
                array[n.nspname, p.proname, oidvectortypes(p.proargtypes)]::text[],
                json_strip_nulls(json_build_object(
                    'arguments', pg_get_function_arguments(p.oid),
                    'hypothetical', case when a.aggkind = 'h' then true end,
                    'sfunc', a.aggtransfn::regproc::text,
                    'stype', format_type(a.aggtranstype, null),
                    'sspace', nullif(a.aggtransspace, 0),
                    'finalfunc', {finalfn},
                    'finalfunc_extra', case when a.aggfinalextra then true end,
                    'finalfunc_modify', {finalmodify},
                    'combinefunc', {combinefn},
                    'serialfunc', {serialfn},
                    'deserialfunc', {deserialfn},
                    'initcond', a.agginitval,
                    'msfunc', {mtransfn},
                    'minvfunc', {minvtransfn},
                    'mstype', case when a.aggmtranstype <> 0
                                   then format_type(a.aggmtranstype, null) end,
                    'msspace', nullif(a.aggmtransspace, 0),
                    'mfinalfunc', {mfinalfn},
                    'mfinalfunc_extra', case when a.aggmfinalextra then true end,
                    'mfinalfunc_modify', {mfinalmodify},
                    'minitcond', a.aggminitval,
                    'sortop', case when a.aggsortop <> 0
                                   then format('operator(%I.%s)', son.nspname, so.oprname) end,
                    'parallel', case p.proparallel when 's' then 'safe'
                                     when 'r' then 'restricted' end))::text,
                json_build_object('signature', pg_get_function_identity_arguments(p.oid),
                                  'ordered', a.aggkind <> 'n')::text,
                pg_get_userbyid(p.proowner)::text
           from pg_proc p
           join pg_namespace n on n.oid = p.pronamespace
           join pg_aggregate a on a.aggfnoid = p.oid
           left join pg_operator so on so.oid = a.aggsortop
           left join pg_namespace son on son.oid = so.oprnamespace
          where {ours}",
        finalfn = function("a.aggfinalfn"),
        finalmodify = modify("a.aggfinalmodify", "a.aggkind = 'n'"),
        combinefn = function("a.aggcombinefn"),
        serialfn = function("a.aggserialfn"),
        deserialfn = function("a.aggdeserialfn"),
        mtransfn = function("a.aggmtransfn"),
        minvtransfn = function("a.aggminvtransfn"),
        mfinalfn = function("a.aggmfinalfn"),
        mfinalmodify = modify("a.aggmfinalmodify", "a.aggkind = 'n'"),
        ours = is_ours("pg_proc", "p.oid"),
    )
}

fn function(column: &str) -> String {
    format!("case when {column} <> 0 then {column}::regproc::text end")
}

/// What a final function does to its state; nothing for what is so by default.
fn modify(column: &str, plain: &str) -> String {
    format!(
        "case when {column} = case when {plain} then 'r'::\"char\" else 'w'::\"char\" end then null
              when {column} = 'r' then 'read_only' when {column} = 's' then 'shareable'
              else 'read_write' end"
    )
}
