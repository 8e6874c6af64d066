import protobuf from "protobufjs/light.js";

/**
 * The part of TensorBoard's messages that this project writes: event, summary, tensor, hparams,
 * curves, layout. Field numbers are those of tensorboard/compat/proto and tensorboard/plugins.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      oneofs: { what: { oneof: ["fileVersion", "summary", "sessionLog"] } },
      fields: {
        wallTime: { type: "double", id: 1 },
        step: { type: "int64", id: 2 },
        fileVersion: { type: "string", id: 3 },
        summary: { type: "Summary", id: 5 },
        sessionLog: { type: "SessionLog", id: 7 },
        sourceMetadata: { type: "SourceMetadata", id: 10 },
      },
    },
    SourceMetadata: { fields: { writer: { type: "string", id: 1 } } },
    SessionLog: { fields: { status: { type: "int32", id: 1 } } },
    Summary: { fields: { value: { rule: "repeated", type: "SummaryValue", id: 1 } } },
    SummaryValue: {
      fields: {
        tag: { type: "string", id: 1 },
        tensor: { type: "TensorProto", id: 8 },
        metadata: { type: "SummaryMetadata", id: 9 },
      },
    },
    SummaryMetadata: {
      fields: {
        pluginData: { type: "PluginData", id: 1 },
        dataClass: { type: "int32", id: 4 },
      },
    },
    PluginData: {
      fields: { pluginName: { type: "string", id: 1 }, content: { type: "bytes", id: 2 } },
    },
    TensorProto: {
      fields: {
        dtype: { type: "int32", id: 1 },
        tensorShape: { type: "TensorShape", id: 2 },
        floatVal: { rule: "repeated", type: "float", id: 5, options: { packed: true } },
        doubleVal: { rule: "repeated", type: "double", id: 6, options: { packed: true } },
        stringVal: { rule: "repeated", type: "bytes", id: 8 },
      },
    },
    TensorShape: { fields: { dim: { rule: "repeated", type: "Dim", id: 2 } } },
    Dim: { fields: { size: { type: "int64", id: 1 } } },
    HParamsPluginData: {
      oneofs: { data: { oneof: ["experiment", "sessionStartInfo", "sessionEndInfo"] } },
      fields: {
        experiment: { type: "Experiment", id: 2 },
        sessionStartInfo: { type: "SessionStartInfo", id: 3 },
        sessionEndInfo: { type: "SessionEndInfo", id: 4 },
      },
    },
    Experiment: {
      fields: {
        hparamInfos: { rule: "repeated", type: "HParamInfo", id: 4 },
        metricInfos: { rule: "repeated", type: "MetricInfo", id: 5 },
        name: { type: "string", id: 6 },
      },
    },
    HParamInfo: {
      oneofs: { domain: { oneof: ["domainDiscrete", "domainInterval"] } },
      fields: {
        name: { type: "string", id: 1 },
        type: { type: "int32", id: 4 },
        domainDiscrete: { type: "ListValue", id: 5 },
        domainInterval: { type: "Interval", id: 6 },
        differs: { type: "bool", id: 7 },
      },
    },
    ListValue: { fields: { values: { rule: "repeated", type: "Value", id: 1 } } },
    Interval: {
      fields: { minValue: { type: "double", id: 1 }, maxValue: { type: "double", id: 2 } },
    },
    MetricInfo: {
      fields: { name: { type: "MetricName", id: 1 }, displayName: { type: "string", id: 3 } },
    },
    MetricName: { fields: { group: { type: "string", id: 1 }, tag: { type: "string", id: 2 } } },
    SessionStartInfo: {
      fields: {
        hparams: { rule: "repeated", type: "HParam", id: 1 },
        groupName: { type: "string", id: 4 },
        startTimeSecs: { type: "double", id: 5 },
      },
    },
    PrCurvePluginData: { fields: { numThresholds: { type: "int32", id: 2 } } },
    // custom_scalars: what the page's tab of that name shows
    Layout: { fields: { category: { rule: "repeated", type: "LayoutCategory", id: 2 } } },
    LayoutCategory: {
      fields: {
        title: { type: "string", id: 1 },
        chart: { rule: "repeated", type: "LayoutChart", id: 2 },
      },
    },
    LayoutChart: {
      fields: {
        title: { type: "string", id: 1 },
        multiline: { type: "MultilineChart", id: 2 },
      },
    },
    MultilineChart: { fields: { tag: { rule: "repeated", type: "string", id: 1 } } },
    // an entry of a map<string, Value>
    HParam: { fields: { key: { type: "string", id: 1 }, value: { type: "Value", id: 2 } } },
    SessionEndInfo: {
      fields: { status: { type: "int32", id: 1 }, endTimeSecs: { type: "double", id: 2 } },
    },
    Value: {
      oneofs: { kind: { oneof: ["numberValue", "stringValue", "boolValue"] } },
      fields: {
        numberValue: { type: "double", id: 2 },
        stringValue: { type: "string", id: 3 },
        boolValue: { type: "bool", id: 4 },
      },
    },
  },
});

export const dataType = { float: 1, double: 2, string: 7 } as const;
export const dataClass = { scalar: 1, tensor: 2, blobSequence: 3 } as const;
export const sessionStarted = 1;
export const sessionStatus = { success: 1, failure: 2 } as const;

export interface TensorProto {
  dtype: number;
  tensorShape: { dim?: { size: number }[] };
  floatVal?: number[];
  doubleVal?: number[];
  stringVal?: Uint8Array[];
}

export interface SummaryValue {
  tag: string;
  tensor: TensorProto;
  metadata?: { pluginData: { pluginName: string; content?: Uint8Array }; dataClass?: number };
}

/** One record of an event file; at most one of `fileVersion`, `summary`, `sessionLog`. */
export interface TensorBoardEvent {
  /** Seconds since 1970, finite. */
  wallTime: number;
  step?: number;
  fileVersion?: string;
  summary?: { value: SummaryValue[] };
  sessionLog?: { status: number };
  sourceMetadata?: { writer: string };
}

export type ProtoValue = { numberValue: number } | { stringValue: string } | { boolValue: boolean };

export function hparamValue(value: string | number | boolean): ProtoValue {
  if (typeof value === "number") return { numberValue: value };
  return typeof value === "boolean" ? { boolValue: value } : { stringValue: value };
}

/** One setting of a run, in TensorBoard's hparams table. */
export interface HParam {
  key: string;
  value: ProtoValue;
}

export const hparamType = { string: 1, boolean: 2, number: 3 } as const;

/** A hyperparameter of an experiment, and what it may be. */
export interface HParamInfo {
  name: string;
  type: number;
  domainDiscrete?: { values: ProtoValue[] };
  domainInterval?: { minValue: number; maxValue: number };
  /** Readers show those that differ first. */
  differs: boolean;
}

export interface HParamsExperiment {
  name: string;
  hparamInfos: HParamInfo[];
  /** Scalars by their tags, in the runs of the sessions themselves. */
  metricInfos: { name: { tag: string }; displayName: string }[];
}

export interface HParamsPluginData {
  experiment?: HParamsExperiment;
  sessionStartInfo?: { hparams: HParam[]; groupName: string; startTimeSecs: number };
  sessionEndInfo?: { status: number; endTimeSecs: number };
}

/** Charts that show several tags together. */
export interface Layout {
  category: {
    title: string;
    /** Tags are regular expressions, matched from the start of a tag. */
    chart: { title: string; multiline: { tag: string[] } }[];
  }[];
}

const eventType = root.lookupType("Event");
const summaryType = root.lookupType("Summary");
const layoutType = root.lookupType("Layout");
const prCurveType = root.lookupType("PrCurvePluginData");
const hparamsType = root.lookupType("HParamsPluginData");

export function encodeEvent(event: TensorBoardEvent): Uint8Array {
  return eventType.encode(eventType.fromObject({ ...event })).finish();
}

export function encodeSummary(summary: { value: SummaryValue[] }): Uint8Array {
  return summaryType.encode(summaryType.fromObject({ ...summary })).finish();
}

export function encodeHParams(data: HParamsPluginData): Uint8Array {
  return hparamsType.encode(hparamsType.fromObject({ ...data })).finish();
}

export function encodePrCurve(data: { numThresholds: number }): Uint8Array {
  return prCurveType.encode(prCurveType.fromObject(data)).finish();
}

export function encodeLayout(layout: Layout): Uint8Array {
  return layoutType.encode(layoutType.fromObject({ ...layout })).finish();
}
