import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { type ConfigurationText, type Place, placesOfTag } from './configuration-text.ts';
import { nameOfObject } from './own-objects.ts';
import { imageTag, imageVersion } from './proxy.ts';
import { releaseOf, sameRelease } from './version.ts';

/** The release that images have to be of. */
export interface Judged {
  /** As the input has it, perhaps a vendor's. */
  readonly version: string;
  /** In place: version of the other release, which is rendered from the same configuration. */
  readonly other?: string;
}

interface Imaged {
  readonly own: readonly RenderedObject[];
  readonly gateways: readonly RenderedObject[];
  readonly texts: readonly ConfigurationText[];
}

/** In a gateway's container: an injector puts the image there, of whichever release it is itself. */
const INJECTED = 'auto';

/**
 * The images that would be installed must be of the release (F01): all of the control plane's own, and of the gateways that
 * go along those of their proxies. Each image is told once.
 */
export function judgeImages({ own, gateways, texts }: Imaged, judged: Judged): Finding[] {
  const images = [
    ...own.flatMap((object) => object.images.map((image) => ({ object, image }))),
    ...gateways.flatMap((object) =>
      object.proxy === undefined || object.proxy === INJECTED ? [] : [{ object, image: object.proxy }],
    ),
  ];
  const seen = new Set<string>();
  return images.flatMap(({ object, image }) => {
    if (seen.has(image)) return [];
    seen.add(image);
    const release = imageVersion(image);
    if (release === undefined) return [untold(object, image, judged)];
    if (sameRelease(release, judged.version)) return [];
    const pin = pinOf(image, texts);
    return [
      {
        id: 'configuration-other-version',
        severity: 'error',
        object: nameOfObject(object),
        ...(judged.other === undefined
          ? otherThanAsked(image, pin, judged)
          : ofOneAlone(image, pin, { ...judged, other: judged.other })),
      },
    ];
  });
}

function untold(object: RenderedObject, image: string, { version }: Judged): Finding {
  return {
    id: 'configuration-version-untold',
    severity: 'warning',
    object: nameOfObject(object),
    message: `the configuration would install the image ${image}, whose name does not tell its version`,
    remedy: `Make sure that it is ${version}; the run proves it only once it is installed.`,
  };
}

/** A tag as it is written, and where; a variant may stand behind it in the image. */
interface Pin {
  readonly tag: string;
  /** Undefined where no file and no line has it. */
  readonly place: Place | undefined;
}

function pinOf(image: string, texts: readonly ConfigurationText[]): Pin {
  const tag = imageTag(image) ?? '';
  const pins = [tag, releaseOf(tag) ?? tag].map((tag) => ({ tag, place: placesOfTag(texts, tag)[0] }));
  return pins.find(({ place }) => place !== undefined) ?? { tag, place: undefined };
}

type Words = Pick<Finding, 'message' | 'remedy'>;

function otherThanAsked(image: string, pin: Pin, { version }: Judged): Words {
  const variant = variantOf(pin, version);
  const value = variant === '' ? version : `${version}-${variant}`;
  return {
    message: `the configuration would install the image ${image}, but the version to install is ${version}`,
    remedy: [
      `Take ${written(pin)}: each istioctl has the tag of its own release.${suffixed(variant)}`,
      // The old istioctl renders gateways from it, too, to have a way back for them.
      `Where it makes no gateways, it may be set to ${pin.place?.value.replace(pin.tag, value) ?? value} instead.`,
    ].join(' '),
  };
}

/** No tag fits two releases: what is right for the one is refused for the other. */
function ofOneAlone(image: string, pin: Pin, { version, other }: Required<Judged>): Words {
  return {
    message: `by this configuration istioctl ${version} would install the image ${image}, which is not of ${version}`,
    remedy: `Take ${written(pin)}. In place ${version} and ${other} are installed by the same configuration, there and on the way back, so it can pin neither: each istioctl has the tag of its own release.${suffixed(variantOf(pin, version))}`,
  };
}

/**
 * What stands behind the release in a tag, such as `distroless`: istioctl puts the setting `variant` there, whatever it is.
 * A vendor's version has its suffix itself.
 */
function variantOf({ tag }: Pick<Pin, 'tag'>, version: string): string {
  const release = releaseOf(tag) ?? '';
  return tag.startsWith(`${release}-`) && releaseOf(version) === version ? tag.slice(release.length + 1) : '';
}

function suffixed(variant: string): string {
  return variant === '' ? '' : ` A suffix of all tags is set by values.global.variant: ${variant}.`;
}

function written({ tag, place }: Pin): string {
  if (place === undefined) return `\`tag: ${tag}\` out of config and set`;
  const { path, value, name, line } = place;
  const setting = `\`${path.split('.').at(-1) ?? 'tag'}: ${value}\``;
  const what = /(^|\.)overlays\./.test(path) ? `the overlay's patch with ${setting}` : setting;
  return `${what} out of ${name} (line ${String(line)})`;
}
