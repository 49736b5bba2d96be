import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { tools } from '../../api/questions';
import { Skeleton } from '../states';
import { blankOf, textOf } from './json-values';
import { ValueEditor } from './value-editor';

interface Props {
  /** Name of the tool whose value it is. */
  readonly tool: string;
  /** What the tool takes, or what it gives. */
  readonly side: 'input' | 'output';
  readonly label: string;
  /** undefined where there is no value yet. */
  readonly text: string | undefined;
  readonly change: (text: string) => void;
  readonly tell: (fault: string | undefined) => void;
}

/** What a tool takes or gives, edited by the schema that it declares. */
export function ToolValueEditor({ tool: name, side, label, text, change, tell }: Props) {
  const { data, isPending } = useQuery(tools);
  const tool = data?.find((one) => one.name === name);
  const schema = side === 'input' ? tool?.input_schema : tool?.output_schema;
  const isBlank = text === undefined && !isPending;
  useEffect(() => {
    if (isBlank) change(textOf(blankOf(schema) ?? {}));
  }, [isBlank, schema, change]);
  if (isPending || text === undefined) return <Skeleton shape="line" />;
  // A new one is an output of a step that has none; arguments are always there.
  return (
    <ValueEditor
      label={label}
      schema={schema}
      text={text}
      change={change}
      tell={tell}
      isNew={side === 'output'}
      isArguments={side === 'input'}
    />
  );
}
