"""The lists of the allow-list: node classes, functions, and words that begin or hide a statement.

Node and function classes are sqlglot's own names, of the version that pyproject.toml pins; a test
fails when the pinned version knows a class by another name. Everything that is not here is unknown.
"""

from typing import Final

from streams.facts.names import words

NODES: Final = words(
    "Select Union Except Intersect Subquery CTE With From Join Where Group Having Order Ordered"
    " Limit Offset Fetch LimitOptions Distinct Alias Aliases TableAlias Table Column Identifier"
    " Star Literal Null Boolean Paren Tuple And Or Not Xor EQ NEQ GT GTE LT LTE NullSafeEQ"
    " NullSafeNEQ Is In Between Like ILike SimilarTo Glob Escape Add Sub Mul Div IntDiv Mod Neg"
    " DPipe BitwiseAnd BitwiseOr BitwiseXor BitwiseNot BitwiseLeftShift BitwiseRightShift"
    " Interval IntervalSpan DataType DataTypeParam Case If Cast TryCast Any All Exists Window"
    " WindowSpec Filter WithinGroup IgnoreNulls RespectNulls Rollup Cube GroupingSets"
    " Placeholder Var Values Bracket Slice National AtTimeZone Qualify HexString BitString"
    " ByteString Parameter Anonymous _TimeUnit RawString"
)

FUNCTIONS: Final = words(
    "Abs Acos Acosh AddMonths AnyValue ApproxDistinct ApproxQuantile ApproxQuantiles ArgMax"
    " ArgMin Array ArrayAgg ArrayConcat ArrayContains ArraySize ArrayToString Ascii Asin Asinh"
    " Atan Atan2 Atanh Avg BitLength BitwiseAndAgg BitwiseCount BitwiseOrAgg BitwiseXorAgg"
    " ByteLength Case Cast Cbrt Ceil Chr Coalesce Collate Concat ConcatWs Contains Convert Corr"
    " Cos Cosh Cot Coth Count CountIf CovarPop CovarSamp CumeDist CurrentDate CurrentDatetime"
    " CurrentTime CurrentTimestamp CurrentUser Date DateAdd DateDiff DateFromParts DateStrToDate"
    " DateSub DateToDateStr DateTrunc Datetime DatetimeAdd DatetimeDiff DatetimeSub"
    " DatetimeTrunc Day DayOfMonth DayOfWeek DayOfWeekIso DayOfYear Dayname DecodeCase Degrees"
    " DenseRank EndsWith EqualNull Exists Exp Extract Factorial First FirstValue Floor Format"
    " Greatest GroupConcat Grouping GroupingId Hex Hour If Initcap IsInf IsNan JSONArray"
    " JSONArrayAgg JSONExtract JSONExtractScalar JSONKeys JSONObject JSONObjectAgg JSONType Lag"
    " Last LastDay LastValue Lead Least Left Length Levenshtein Ln Localtime Localtimestamp Log"
    " LogicalAnd LogicalOr Lower LowerHex MD5 MD5Digest Max Median Min Minute Mode Month"
    " Monthname MonthsBetween Nanvl Negative NthValue Ntile Nullif NumberToStr Nvl2 Overlay Pad"
    " ParseJSON PercentRank PercentileCont PercentileDisc Pi Pow Quantile Quarter Radians Rand"
    " Rank RegexpCount RegexpExtract RegexpExtractAll RegexpFullMatch RegexpILike RegexpInstr"
    " RegexpLike RegexpReplace RegexpSplit RegexpSubstr RegrCount RegrSlope Repeat Replace"
    " Reverse Right Round RowNumber SHA SHA2 SafeAdd SafeDivide SafeMultiply SafeSubtract Second"
    " SessionUser Sign Sin Sinh Skewness Soundex Space Split SplitPart Sqrt StartsWith Stddev"
    " StddevPop StddevSamp StrPosition StrToDate StrToTime StrToUnix String StringToArray Struct"
    " Stuff Substring SubstringIndex Sum Systimestamp Tan Tanh Time TimeAdd TimeDiff"
    " TimeFromParts TimeStrToDate TimeStrToTime TimeSub TimeToStr TimeToTimeStr TimeToUnix"
    " TimeTrunc Timestamp TimestampAdd TimestampDiff TimestampSub TimestampTrunc ToChar ToDays"
    " ToNumber Translate Trim Trunc Try TryCast TsOrDsAdd TsOrDsDiff TsOrDsToDate"
    " TsOrDsToDateStr TsOrDsToDatetime TsOrDsToTime TsOrDsToTimestamp Typeof Unhex Unicode"
    " UnixToStr UnixToTime UnixToTimeStr Unnest Upper UtcDate UtcTime UtcTimestamp Uuid Variance"
    " VariancePop Week WeekOfYear WidthBucket Xor Year YearOfWeek"
)

ANONYMOUS: Final = words(
    "bit_and bit_or charindex datalength datename datepart dayname decode elt field find_in_set"
    " getdate getutcdate glob iff ifnull iif inet_aton inet_ntoa instr isdate isnull isnumeric"
    " julianday last_day len likely locate nullifzero nvl patindex percentile_cont"
    " percentile_disc quotename regexp_like round str strcmp strftime sysdate sysdatetime"
    " to_char to_date to_varchar total trunc truncate try_convert unlikely unicode zeroifnull"
)

SELECT_PARTS: Final = words(
    "expressions from from_ joins where group having order limit offset distinct with with_"
    " windows qualify kind"
)
TABLE_PARTS: Final = words("this db catalog alias joins")

STATEMENT_WORDS: Final = words(
    "INSERT UPDATE DELETE MERGE REPLACE UPSERT CREATE DROP ALTER TRUNCATE RENAME GRANT REVOKE"
    " DENY EXEC EXECUTE CALL DO SET RESET USE BEGIN END COMMIT ROLLBACK SAVEPOINT RELEASE ABORT"
    " DECLARE COPY LOAD UNLOAD IMPORT EXPORT ATTACH DETACH PRAGMA VACUUM ANALYZE ANALYSE REINDEX"
    " OPTIMIZE REPAIR FLUSH KILL SHUTDOWN LOCK UNLOCK LISTEN NOTIFY UNLISTEN PREPARE DEALLOCATE"
    " DISCARD CHECKPOINT REFRESH EXPLAIN DESCRIBE SHOW HANDLER INSTALL UNINSTALL BACKUP RESTORE"
    " BULK DBCC WAITFOR PRINT RAISERROR THROW RECONFIGURE REVERT GO IF WHILE LOOP REPEAT BREAK"
    " CONTINUE RETURN GOTO LEAVE ITERATE FETCH OPEN CLOSE INTO OUTFILE DUMPFILE PURGE XA SAVE"
    " TRAN TRANSACTION READTEXT WRITETEXT UPDATETEXT RECEIVE SEND MOVE GET PUT REMOVE UNDROP"
    " OPENQUERY OPENROWSET OPENDATASOURCE OPENXML PROCEDURE TRIGGER SIGNAL RESIGNAL ELSEIF TRY"
    " CATCH MODEL SHARE TABLOCK TABLOCKX UPDLOCK XLOCK HOLDLOCK ROWLOCK PAGLOCK BROWSE COMPUTE"
    " OPTION STOP START"
    " SETUSER ENABLE DISABLE LINENO DUMP"
)
FUNCTIONS_AS_WORDS: Final = words("REPLACE IF REPEAT INSERT TRUNCATE TRY GET")
"""Statement words that are functions too: before a bracket, and not first."""
